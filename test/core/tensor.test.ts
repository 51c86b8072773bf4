import { tensor } from 'opsin'
import { expect, it } from 'vitest'

const two = new Float32Array(2)
// biome-ignore lint/suspicious/noSparseArray: a hole is what is asked about
const hole = [, 2]

it.each<[string, unknown, unknown, unknown, RegExp]>([
  ['too few data', [3], two, undefined, /3 elements for shape \[3\], got 2.*\[SHAPE\]/],
  ['no shape', undefined, two, undefined, /list of sizes.*nothing.*\[SHAPE\]/],
  ['a hole in the shape', hole, two, undefined, /\[SHAPE\]/],
  ['a size of a half', [0.5, 4], two, undefined, /\[SHAPE\]/],
  ['sizes below zero', [-1, -2], two, undefined, /\[SHAPE\]/],
  ['a size in words', ['2'], two, undefined, /\[SHAPE\]/],
  ['sizes beyond all numbers', [1e308, 1e308, 0], two, undefined, /\[SHAPE\]/],
  ['no data', [2], undefined, undefined, /Float32Array, Float64Array or Int32Array.*nothing.*\[DTYPE\]/],
  ['a plain list', [2], [1, 2], undefined, /got \[1,2\].*\[DTYPE\]/],
  ['bytes', [2], new Uint8Array(2), undefined, /Uint8Array of 2.*\[DTYPE\]/],
  ['too few axes', [2], two, [], /axes: expected 1 names.*\[SHAPE\]/],
  ['axes that are no names', [2], two, [1], /\[SHAPE\]/],
])('%s is no tensor', (_, shape, data, axes, message) => {
  expect(() => tensor(shape as [], data as Float32Array, axes as [])).toThrow(message)
})

it('a tensor keeps its data, which are not copied', () => {
  expect(tensor([2, 1], two, ['pos', 'head'])).toEqual({ shape: [2, 1], data: two, axes: ['pos', 'head'] })
  expect(tensor([], new Int32Array(1)).shape).toEqual([])
})
