import fc from 'fast-check'
import ops from 'ndarray-ops'
import { attentionOnly, initialize, OpsinError, runWithCache, tensor } from 'opsin'
import { toTensor, view } from 'opsin/views'
import { describe, expect, it } from 'vitest'
import { stridesOf } from '../../src/core/shape.ts'

const counting = (shape: number[]) =>
  tensor(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  )

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })

describe('view', () => {
  it('is the same memory, with row-major strides', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, at) => {
        const matrix = counting(shape)
        const array = view(matrix)
        expect(array.data).toBe(matrix.data)
        expect(array.stride).toEqual(stridesOf(shape))
        expect(array.shape).toEqual(shape)
        const index = shape.map((size, axis) => Math.floor(at / stridesOf(shape)[axis]) % size)
        array.set(...index, -1)
        expect(matrix.data[index.reduce((sum, i, axis) => sum + i * stridesOf(shape)[axis], 0)]).toBe(-1)
      }),
      { numRuns: 50 },
    )
  })

  it('shows integers and doubles as they are', () => {
    expect(view(tensor([2], new Int32Array([3, 4]))).dtype).toBe('int32')
    expect(view(tensor([2], new Float64Array([3, 4]))).dtype).toBe('float64')
  })

  it('cannot change the shape of the tensor', () => {
    const matrix = counting([2, 3])
    view(matrix).shape[0] = 7
    expect(matrix.shape).toEqual([2, 3])
  })

  it('refuses data that do not fill the shape', () => {
    const lying = { shape: [2, 3], data: new Float32Array(5) }
    expect(() => view(lying)).toThrow(OpsinError)
    expect(() => view(lying)).toThrow(/view: expected 6 elements for shape \[2, 3\], got 5.*\[SHAPE\]/)
  })

  it('is what ndarray-ops works on, slices included', () => {
    const matrix = counting([3, 4])
    expect(ops.sum(view(matrix))).toBe(66)
    expect(ops.sup(view(matrix))).toBe(11)
    const column = view(matrix).pick(null, 1)
    ops.assigns(column, 0)
    expect(Array.from(matrix.data)).toEqual([0, 0, 2, 3, 4, 0, 6, 7, 8, 0, 10, 11])
    ops.mulseq(view(matrix).lo(2, 2), 10)
    expect(matrix.data.slice(8)).toEqual(new Float32Array([8, 0, 100, 110]))
  })

  it('shows a cached hook point', async () => {
    const model = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 5 } })
    const inputs = {
      tokens: tensor([2, 3], new Int32Array([0, 1, 2, 3, 4, 0])),
      targets: tensor([2], new Int32Array(2)),
    }
    const { cache } = await runWithCache(model, initialize(model, 1), inputs, { cache: ['blocks.0.attn.pattern'] })
    const pattern = view(cache['blocks.0.attn.pattern'])
    for (const head of [0, 1]) {
      expect(ops.sum(pattern.pick(1, head, 2, null))).toBeCloseTo(1, 6)
      expect(pattern.get(0, head, 0, 1)).toBe(0)
    }
  })
})

describe('toTensor', () => {
  it('gives back what a view shows', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const matrix = counting(shape)
        const copy = toTensor(view(matrix))
        expect(copy).toEqual(matrix)
        expect(copy.data).not.toBe(matrix.data)
      }),
      { numRuns: 30 },
    )
  })

  it('puts slices of any stride in row-major order', () => {
    const matrix = counting([3, 4])
    expect(toTensor(view(matrix).transpose(1, 0))).toEqual(
      tensor([4, 3], new Float32Array([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])),
    )
    expect(toTensor(view(matrix).step(1, -2).hi(2, 2))).toEqual(tensor([2, 2], new Float32Array([3, 1, 7, 5])))
    expect(toTensor(view(matrix).pick(1, null).lo(1))).toEqual(tensor([3], new Float32Array([5, 6, 7])))
    expect(toTensor(view(matrix).pick(2, 3))).toEqual(tensor([], new Float32Array([11])))
  })
})

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['no ndarray', { data: new Float32Array(2), shape: [2] }],
  ['a view beyond its data', { data: new Float32Array(2), shape: [2], stride: [2], offset: 0 }],
  ['a view before its data', { data: new Float32Array(2), shape: [2], stride: [-1], offset: 0 }],
  ['half a stride', { data: new Float32Array(2), shape: [2], stride: [0.5], offset: 0 }],
  ['a plain list', { data: [1, 2], shape: [2], stride: [1], offset: 0 }],
])('toTensor refuses %s', (_, given) => {
  expect(() => toTensor(given as never)).toThrow(/toTensor: expected an ndarray over numbers.*\[VALUE\]/)
})
