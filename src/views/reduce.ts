import type { NdArray } from 'ndarray'
import ops from 'ndarray-ops'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { arrayOf } from './array.ts'

/** An axis by its name, as cached hook points have them, or by its number; negative ones count from the end. */
export type AxisOf = string | number

/** What is left of a tensor whose numbers are no longer integers. */
type Floats = Float32Array | Float64Array

/**
 * Mean over one axis or several; over all of them unless told. The other axes stay, with their names.
 *
 * @throws OpsinError `NAME` or `VALUE` for an axis that the tensor does not have, `SHAPE` for a mean of nothing.
 * @example
 * import { attentionOnly, fewShot, initialize, runWithCache } from 'opsin'
 * import { mean } from 'opsin/views'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const task = fewShot({ classes: 50 })
 * const inputs = { ...task.tables, ...task.evaluator('train', 8) }
 * const { cache } = await runWithCache(model, initialize(model, 5), inputs, { cache: ['blocks.1.attn.pattern'] })
 * const pattern = mean(cache['blocks.1.attn.pattern'], 'batch')
 * console.assert(pattern.axes?.join() === 'head,query,key' && pattern.shape.join() === '8,5,5')
 */
export function mean(of: Tensor, over?: AxisOf | readonly AxisOf[]): Tensor<Floats> {
  return reduce('mean', of, over, floats, (part) => ops.sum(part) / sizeOf(part.shape))
}

/**
 * Euclidean norm over one axis or several; over all of them unless told. The other axes stay, with their names.
 *
 * @throws OpsinError `NAME` or `VALUE` for an axis that the tensor does not have, `SHAPE` for a norm of nothing.
 * @example
 * import { tensor } from 'opsin'
 * import { norm } from 'opsin/views'
 * const residual = tensor([1, 2, 2], new Float32Array([3, 4, 0, 1]), ['batch', 'pos', 'd_model'])
 * console.assert(norm(residual, 'd_model').data.join() === '5,1')
 */
export function norm(of: Tensor, over?: AxisOf | readonly AxisOf[]): Tensor<Floats> {
  return reduce('norm', of, over, floats, (part) => ops.norm2(part))
}

/**
 * Where along an axis the largest number is, the first of equal ones. The other axes stay, with their names.
 *
 * @throws OpsinError `NAME` or `VALUE` for an axis that the tensor does not have, `SHAPE` for an axis of no length,
 * `NOT_FINITE` where a NaN is among the numbers.
 * @example
 * import { tensor } from 'opsin'
 * import { argmax } from 'opsin/views'
 * const logits = tensor([2, 3], new Float32Array([0.1, 2, 0.3, 5, 1, 1]), ['batch', 'vocab'])
 * console.assert(argmax(logits, 'vocab').data.join() === '1,0')
 */
export function argmax(of: Tensor, along: AxisOf): Tensor<Int32Array> {
  return reduce(
    'argmax',
    of,
    along,
    (length) => new Int32Array(length),
    (part) => {
      // Only NaN differs from itself.
      if (!ops.equals(part, part)) {
        throw new OpsinError('NOT_FINITE', { where: 'argmax', expected: 'numbers', got: 'NaN among them' })
      }
      const [index] = placeOfLargest(part)
      // Where nothing is above −Infinity, ndarray-ops gives the length.
      return index === part.shape[0] ? 0 : index
    },
  )
}

/**
 * a − b, element by element: what an intervention changed, from the caches of two runs.
 *
 * @throws OpsinError `SHAPE` for two shapes.
 * @example
 * import { ablate, at, attentionOnly, fewShot, initialize, runWithCache } from 'opsin'
 * import { difference, norm } from 'opsin/views'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const task = fewShot({ classes: 50 })
 * const inputs = { ...task.tables, ...task.evaluator('train', 8) }
 * const run = (interventions: ReturnType<typeof ablate>[]) =>
 *   runWithCache(model, initialize(model, 5), inputs, { cache: ['blocks.1.resid_post'], interventions })
 * const [clean, ablated] = [await run([]), await run([ablate(at(model, 'blocks.0.attn.z', { head: 3 }))])]
 * const change = difference(ablated.cache['blocks.1.resid_post'], clean.cache['blocks.1.resid_post'])
 * console.assert(norm(change, 'd_model').shape.join() === '8,5' && norm(change).data[0] > 0)
 */
export function difference(a: Tensor, b: Tensor): Tensor<Floats> {
  for (const side of [a, b]) requireTensor('difference', side)
  if (showShape(a.shape) !== showShape(b.shape)) {
    throw new OpsinError('SHAPE', { where: 'difference', expected: showShape(a.shape), got: showShape(b.shape) })
  }
  const change = tensor(a.shape, floats(a.data.length, a, b), a.axes)
  ops.sub(arrayOf('difference', change), arrayOf('difference', a), arrayOf('difference', b))
  return change
}

/** Its published type wants arguments that it does not have. */
const placeOfLargest = ops.argmax as unknown as (part: NdArray) => number[]

/** Reads, for each place along the other axes, one number off the part that lies along these. */
function reduce<Data extends NumberArray>(
  where: string,
  of: Tensor,
  over: AxisOf | readonly AxisOf[] | undefined,
  make: (length: number, of: Tensor) => Data,
  read: (part: NdArray) => number,
): Tensor<Data> {
  const array = arrayOf(where, of)
  const gone =
    over === undefined ? [...of.shape.keys()] : Array.from([over].flat(), (axis) => axisNumber(where, of, axis))
  const kept = [...of.shape.keys()].filter((axis) => !gone.includes(axis))
  if (gone.some((axis) => of.shape[axis] === 0)) {
    throw new OpsinError('SHAPE', { where, expected: 'at least one element', got: showShape(of.shape) })
  }
  const shape = kept.map((axis) => of.shape[axis])
  const out = make(sizeOf(shape), of)
  for (let i = 0; i < out.length; i++) {
    const place = new Array<number | null>(of.shape.length).fill(null)
    let rest = i
    for (const axis of [...kept].reverse()) {
      place[axis] = rest % of.shape[axis]
      rest = Math.floor(rest / of.shape[axis])
    }
    out[i] = read(array.pick(...(place as number[])))
  }
  const names = of.axes
  return tensor(shape, out, names && kept.map((axis) => names[axis]))
}

function axisNumber(where: string, { shape, axes = [] }: Tensor, axis: AxisOf): number {
  if (typeof axis === 'string') {
    if (!axes.includes(axis)) throw unknownName(`${where}: axis`, 'an axis of the tensor', axis, axes)
    return axes.indexOf(axis)
  }
  const number = Number.isInteger(axis) && axis < 0 ? shape.length + axis : axis
  if (Number.isInteger(number) && number >= 0 && number < shape.length) return number
  throw new OpsinError('VALUE', {
    where: `${where}: axis`,
    expected: `an axis from ${-shape.length} to ${shape.length - 1}`,
    got: show(axis),
  })
}

/** As exact as the numbers it is made of; integers become doubles. */
function floats(length: number, ...of: readonly Tensor[]): Floats {
  return of.every(({ data }) => data instanceof Float32Array) ? new Float32Array(length) : new Float64Array(length)
}
