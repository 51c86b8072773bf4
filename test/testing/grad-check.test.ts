import { afterEach, describe, expect, it, vi } from 'vitest'
import type { GraphBuilder } from '../../src/graph/build.ts'
import { ops } from '../../src/ops/registry.ts'
import { checkGradient, drawFrom, sampleValues } from '../../src/testing/index.ts'

afterEach(() => vi.restoreAllMocks())

function weightTimesWeight(builder: GraphBuilder) {
  const weight = builder.input('weight', [3, 4], 'parameter')
  return builder.op('multiply', [weight, weight])
}

describe('checkGradient', () => {
  it('passes a right gradient, with the numbers it compared', () => {
    const { parameters, error } = checkGradient(weightTimesWeight, { seed: 3 })
    expect(error).toBeLessThan(1e-9)
    expect(parameters).toMatchObject([{ name: 'weight' }])
    expect(parameters[0].analytic).toBeCloseTo(parameters[0].numeric, 8)
  })

  it('finds a gradient that is wrong by one part in a million', () => {
    const { forward } = ops.multiply
    vi.spyOn(ops.multiply, 'forward').mockImplementation((out, inputs, call) => {
      forward(out, inputs, call)
      for (let i = 0; i < out.length; i++) out[i] *= 1 + 1e-6 * Math.tanh(out[i])
    })
    expect(() => checkGradient(weightTimesWeight)).toThrow(
      /checkGradient: parameter "weight": expected a derivative of/,
    )
  })

  it('names the parameter that is wrong, among others', () => {
    const passed = (builder: GraphBuilder) => {
      const right = builder.input('right', [4], 'parameter')
      const wrong = builder.input('wrong', [4], 'parameter')
      const half = builder.op('mask', [], { shape: [4], select: [[0, 1]] })
      const zero = builder.op('constant', [], { shape: [], value: 0 })
      return builder.op('add', [right, builder.op('overwrite', [wrong, zero, half], { gradient: 'straight-through' })])
    }
    expect(() => checkGradient(passed)).toThrow(/parameter "wrong"/)
  })

  it('takes the values it is given', () => {
    const { parameters } = checkGradient(weightTimesWeight, { values: { weight: new Float64Array(12) } })
    expect(parameters).toMatchObject([{ name: 'weight', analytic: 0 }])
  })
})

describe('samples', () => {
  it('are the same for the same seed', () => {
    const draw = () => {
      const { size, number, pick } = drawFrom(7)
      return [size(), size(3), number(-1, 1), pick(['a', 'b', 'c'])]
    }
    expect(draw()).toEqual(draw())
    expect(sampleValues([{ shape: [5] }], 7, 'f64')).toEqual(sampleValues([{ shape: [5] }], 7, 'f64'))
  })

  it('keep to what is asked', () => {
    const shape = [40]
    const [positive, binary, ints, distinct] = sampleValues(
      [
        { shape, positive: true },
        { shape, binary: true },
        { shape, from: -1, below: 3 },
        { shape, below: 50, distinct: true },
      ],
      1,
      'f32',
    ).map(({ data }) => Array.from(data))
    expect(positive.every((x) => x >= 0.5 && x <= 1.5)).toBe(true)
    expect([...new Set(binary)].sort()).toEqual([0, 1])
    expect([...new Set(ints)].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2])
    expect(new Set(distinct).size).toBe(40)
  })
})
