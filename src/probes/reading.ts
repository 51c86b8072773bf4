import { check, integer } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape } from '../core/shape.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'
import type { Reading } from './define.ts'

/** A hook point that a probe asked for. @throws OpsinError `VALUE` or `SHAPE` unless it is there, of that rank. */
export function pointIn({ points }: Reading, where: string, name: string, rank: number): Tensor {
  return tensorIn(points, where, name, `hook points with ${name}`, rank)
}

/** An array of the batch. @throws OpsinError `VALUE` for a batch without it, or `SHAPE` for one of another rank. */
export function inputIn({ batch }: Reading, where: string, name: string, rank: number): Tensor {
  return tensorIn(batch, where, name, `a task whose batches have ${name}`, rank)
}

function tensorIn(
  all: Readonly<Record<string, Tensor>>,
  where: string,
  name: string,
  expected: string,
  rank: number,
): Tensor {
  const found = all?.[name]
  if (found === undefined) {
    throw new OpsinError('VALUE', { where, expected, got: Object.keys(all ?? {}).join(', ') || 'none' })
  }
  const { shape } = requireTensor(`${where}: ${name}`, found)
  if (shape.length === rank && !shape.includes(0)) return found
  throw new OpsinError('SHAPE', { where: `${where}: ${name}`, expected: `${rank} axes`, got: showShape(shape) })
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
