import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../src/core/tensor.ts'
import { tensorHash } from '../../src/core/tensor-hash.ts'
import { builtInFeatures } from '../../src/tasks/index.ts'

type Vector = ArrayLike<number>
function dot(a: Vector, b: Vector): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
const cosine = (a: Vector, b: Vector) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

/** The statistics that sheet 01, section 10 gives for the Omniglot features. */
function statistics({ shape: [classes, exemplars, size], data }: Tensor<Float32Array>) {
  const at = (c: number, e: number) => data.subarray((c * exemplars + e) * size, (c * exemplars + e + 1) * size)
  const all = Array.from({ length: classes }, (_, c) => c)
  const between = mean(all.flatMap((c) => all.slice(0, c).map((other) => cosine(at(c, 0), at(other, 0)))))
  const within = mean(all.flatMap((c) => [1, 2, 3].map((e) => cosine(at(c, e), at(c, e + 1)))))
  const centre = Float64Array.from({ length: size }, (_, f) => mean(all.map((c) => at(c, 0)[f])))
  const centred = all.map((c) => Float64Array.from(at(c, 0), (x, f) => x - centre[f]))
  const gram = centred.flatMap((a, i) => centred.map((b, j) => ({ value: dot(a, b), diagonal: i === j })))
  const trace = gram.reduce((sum, { value, diagonal }) => sum + (diagonal ? value : 0), 0)
  const participation = trace ** 2 / gram.reduce((sum, { value }) => sum + value ** 2, 0)
  return { between, within, participation, rms: Math.sqrt(dot(data, data) / data.length) }
}

describe('builtInFeatures', () => {
  test('have the statistics of the features they stand in for', () => {
    const features = builtInFeatures({ classes: 120 })
    expect(features.shape).toEqual([120, 5, 512])
    const { between, within, participation, rms } = statistics(features)
    expect(Math.abs(between - 0.85)).toBeLessThan(0.02)
    expect(Math.abs(within - 0.93)).toBeLessThan(0.01)
    expect(participation).toBeGreaterThan(7)
    expect(participation).toBeLessThan(13)
    expect(Math.abs(rms - 1)).toBeLessThan(0.02)
  })

  test('same seed, same bytes, on any engine: the hash is pinned', () => {
    const small = { classes: 6, exemplars: 2, features: 24 }
    expect(tensorHash(builtInFeatures(small))).toMatchInlineSnapshot(
      `"ec2665f60946bab8a395feef4f623662fc1dec20cadda5c0b33692b6fa6648ac"`,
    )
    expect(tensorHash(builtInFeatures({ ...small, seed: 1 }))).not.toBe(tensorHash(builtInFeatures(small)))
  })

  test('more classes and exemplars keep the first ones', () => {
    const few = builtInFeatures({ classes: 3, exemplars: 2, features: 40 })
    const more = builtInFeatures({ classes: 7, exemplars: 4, features: 40 })
    for (let c = 0; c < 3; c++) {
      for (let e = 0; e < 2; e++) {
        const size = 40
        expect(more.data.subarray((c * 4 + e) * size, (c * 4 + e + 1) * size)).toEqual(
          few.data.subarray((c * 2 + e) * size, (c * 2 + e + 1) * size),
        )
      }
    }
  })

  test('options are checked', () => {
    expect(() => builtInFeatures({ classes: 0 })).toThrow(/classes.*\[VALUE\]/)
    expect(() => builtInFeatures({ features: 1 })).toThrow(/features.*\[VALUE\]/)
    expect(() => builtInFeatures({ seed: -1 })).toThrow(/seed.*\[VALUE\]/)
    expect(() => builtInFeatures({ clases: 4 } as object)).toThrow(/clases.*Nearest: classes.*\[NAME\]/)
  })
})
