import { expect, test } from 'vitest'
import { tensor } from '../../src/core/tensor.ts'
import { sliceBatch } from '../../src/tasks/index.ts'

const batch = {
  exemplars: tensor([3, 2], new Int32Array([0, 1, 2, 3, 4, 5])),
  targets: tensor([3], new Int32Array([6, 7, 8])),
}

test('sliceBatch gives the sequences in a range, as views', () => {
  const part = sliceBatch(batch, 1, 3)
  expect(part.exemplars).toEqual(tensor([2, 2], new Int32Array([2, 3, 4, 5])))
  expect(part.targets).toEqual(tensor([2], new Int32Array([7, 8])))
  expect(part.targets.data.buffer).toBe(batch.targets.data.buffer)
  expect(sliceBatch(batch, 2, 2).exemplars.shape).toEqual([0, 2])
})

test('sliceBatch refuses ranges that are not inside', () => {
  for (const [start, end] of [
    [-1, 2],
    [0, 4],
    [2, 1],
    [0.5, 1],
    [0, Number.NaN],
  ]) {
    expect(() => sliceBatch(batch, start, end)).toThrow(/\[VALUE\]/)
  }
})
