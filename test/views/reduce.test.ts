import fc from 'fast-check'
import { type Tensor, tensor } from 'opsin'
import { argmax, difference, mean, norm, toTensor, view } from 'opsin/views'
import { describe, expect, it } from 'vitest'
import { sizeOf, stridesOf } from '../../src/core/shape.ts'

interface Case {
  readonly of: Tensor
  readonly gone: readonly number[]
}

const names = ['batch', 'head', 'query', 'key']

const cases: fc.Arbitrary<Case> = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.record({
      gone: fc.subarray([...shape.keys()], { minLength: 1 }),
      of: fc
        .array(fc.integer({ min: -9, max: 9 }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
        .chain((data) => fc.constantFrom(Float32Array.from(data), Float64Array.from(data), Int32Array.from(data)))
        .map((data) => tensor(shape, data, names.slice(0, shape.length))),
    }),
  )

/** Element by element: the numbers that share a place along the other axes, by that place, row-major. */
function groups({ of, gone }: Case): number[][] {
  const strides = stridesOf(of.shape)
  const byPlace = new Map<string, number[]>()
  of.data.forEach((value: number, i: number) => {
    const place = of.shape.map((size, axis) => Math.floor(i / strides[axis]) % size)
    const key = place.filter((_, axis) => !gone.includes(axis)).join()
    byPlace.set(key, [...(byPlace.get(key) ?? []), value])
  })
  return [...byPlace.values()]
}

function expectAll(got: Tensor, { of, gone }: Case, expected: number[]): void {
  const kept = [...of.shape.keys()].filter((axis) => !gone.includes(axis))
  expect(got.shape).toEqual(kept.map((axis) => of.shape[axis]))
  expect(got.axes).toEqual(kept.map((axis) => names[axis]))
  expect(got.data).toHaveLength(expected.length)
  expected.forEach((value, i) => {
    expect(Math.abs(got.data[i] - value)).toBeLessThan(1e-5)
  })
}

describe('over any axes, by name or number', () => {
  const forms = ({ of, gone }: Case) => [
    gone,
    gone.map((axis) => names[axis]),
    gone.map((axis) => axis - of.shape.length),
  ]

  it('mean and norm are those of the elements', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const parts = groups(one)
        for (const over of forms(one)) {
          expectAll(
            mean(one.of, over),
            one,
            parts.map((part) => part.reduce((a, b) => a + b) / part.length),
          )
          expectAll(
            norm(one.of, over),
            one,
            parts.map((part) => Math.sqrt(part.reduce((sum, x) => sum + x * x, 0))),
          )
        }
        expect(mean(one.of)).toEqual(mean(one.of, [...one.of.shape.keys()]))
      }),
      { numRuns: 100 },
    )
  })

  it('argmax is the first place of the largest', () => {
    fc.assert(
      fc.property(cases, ({ of, gone: [axis] }) => {
        const one = { of, gone: [axis] }
        expectAll(
          argmax(of, names[axis]),
          one,
          groups(one).map((part) => part.indexOf(Math.max(...part))),
        )
        expect(argmax(of, axis).data).toBeInstanceOf(Int32Array)
      }),
      { numRuns: 100 },
    )
  })

  it('difference takes each element from its own, and leaves both alone', () => {
    fc.assert(
      fc.property(cases, ({ of }) => {
        const other = { ...of, data: of.data.map((value) => 2 * value + 1) as typeof of.data }
        const before = [...of.data]
        const change = difference(other, of)
        expect([...change.data]).toEqual(before.map((value) => value + 1))
        expect([change.shape, change.axes, [...of.data]]).toEqual([of.shape, of.axes, before])
      }),
      { numRuns: 50 },
    )
  })
})

describe('numbers', () => {
  it('are as exact as those they come from', () => {
    const of = (data: Float32Array | Float64Array | Int32Array) => tensor([2], data)
    expect(mean(of(new Float32Array([1, 2]))).data).toEqual(new Float32Array([1.5]))
    expect(mean(of(new Float64Array([1, 2]))).data).toEqual(new Float64Array([1.5]))
    expect(mean(of(new Int32Array([1, 2]))).data).toEqual(new Float64Array([1.5]))
    expect(difference(of(new Float32Array(2)), of(new Float64Array([0.1, 0]))).data[0]).toBe(-0.1)
  })

  it('come off slices too', () => {
    const pattern = tensor(
      [2, 2, 2],
      Float32Array.from({ length: 8 }, (_, i) => i),
    )
    expect([...mean(toTensor(view(pattern).pick(null, 1)), 0).data]).toEqual([4, 5])
  })

  it('of which none is above −Infinity have their largest first', () => {
    expect([...argmax(tensor([2, 2], new Float32Array(4).fill(-Infinity)), 1).data]).toEqual([0, 0])
  })
})

describe('what does not fit is refused', () => {
  const pattern = tensor([2, 3], new Float32Array(6), ['query', 'key'])

  it.each<[string, () => unknown, string, RegExp]>([
    ['an axis of another name', () => mean(pattern, 'kye'), 'NAME', /mean: axis: .*"kye".*Nearest: key/],
    ['a name where axes have none', () => norm(tensor([2], new Float32Array(2)), 'key'), 'NAME', /none here/],
    ['an axis too many', () => argmax(pattern, 2), 'VALUE', /from -2 to 1, got 2/],
    ['half an axis', () => mean(pattern, 0.5), 'VALUE', /got 0\.5/],
    ['nothing to take a mean of', () => mean(tensor([0, 2], new Float32Array(0)), 0), 'SHAPE', /at least one element/],
    ['two shapes', () => difference(pattern, tensor([3, 2], new Float32Array(6))), 'SHAPE', /\[2, 3\], got \[3, 2\]/],
    [
      'data that do not fill the shape',
      () => mean({ shape: [2], data: new Float32Array(3) }),
      'SHAPE',
      /mean: expected 2/,
    ],
    ['NaN', () => argmax(tensor([2], new Float32Array([1, Number.NaN])), 0), 'NOT_FINITE', /argmax/],
  ])('%s', (_, run, code, message) => {
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })
})
