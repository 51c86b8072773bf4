import { check, integer, requireObject } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape } from '../core/shape.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'
import type { Reading } from './define.ts'

/** A hook point that a probe asked for. @throws OpsinError `VALUE` or `SHAPE` unless it is there, of that rank. */
export function pointIn(reading: Reading, where: string, name: string, rank: number): Tensor {
  return tensorIn(partOf(reading, where, 'points'), where, name, `hook points with ${name}`, rank)
}

/** An array of the batch. @throws OpsinError `VALUE` for a batch without it, or `SHAPE` for one of another rank. */
export function inputIn(reading: Reading, where: string, name: string, rank?: number): Tensor {
  return tensorIn(partOf(reading, where, 'batch'), where, name, `a task whose batches have ${name}`, rank)
}

function partOf(reading: Reading, where: string, part: keyof Reading): Readonly<Record<string, unknown>> {
  const expected = 'a reading { points, batch }'
  return requireObject(where, requireObject(where, reading, expected)[part], expected)
}

function tensorIn(
  all: Readonly<Record<string, unknown>>,
  where: string,
  name: string,
  expected: string,
  rank: number | undefined,
): Tensor {
  if (all[name] === undefined) {
    throw new OpsinError('VALUE', { where, expected, got: Object.keys(all).join(', ') || 'none' })
  }
  const found = requireTensor(`${where}: ${name}`, all[name] as Tensor)
  if ((rank === undefined || found.shape.length === rank) && !found.shape.includes(0)) return found
  const axes = rank === undefined ? 'axes' : `${rank} axes`
  throw new OpsinError('SHAPE', {
    where: `${where}: ${name}`,
    expected: `${axes}, none of them empty`,
    got: showShape(found.shape),
  })
}

/** Throws OpsinError `SHAPE` unless a tensor has this shape. */
export function requireShape(where: string, { shape }: Tensor, wanted: Shape): void {
  if (shape.join() === wanted.join()) return
  throw new OpsinError('SHAPE', { where, expected: showShape(wanted), got: showShape(shape) })
}

/** Gives an id back. @throws OpsinError `VALUE` unless it is one of the model's. */
export function requireId(where: string, id: number, vocab: number): number {
  return check(where, id, integer(0, vocab - 1))
}
