import { check, count, integer, optional, readOptions } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { isShape, type Shape, showShape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'
import { isNumberArray } from '../core/tensor.ts'

/** The form of one array of a sequence. */
export interface ArrayForm {
  readonly dtype: 'int' | 'float'
  /** Of one sequence: a batch has the batch in front. `[]` is one number. */
  readonly shape: Shape
  /** Integers lie in [from, below). */
  readonly from?: number
  readonly below?: number
}

/** The arrays of a sequence, by the names of the model's inputs. */
export type ArrayForms = Readonly<Record<string, ArrayForm>>

/** The integers that an array may hold. */
export type IntRange = {
  /** The least; default 0. −1 where that stands for none. */
  readonly from?: number
  /** One more than the largest; default 2^31. */
  readonly below?: number
}

const most = 2 ** 31
const rangeRules = { from: optional(integer(-most, most - 1), 0), below: optional(integer(1 - most, most), most) }

/**
 * An array of integers in each sequence: ids, labels, rows of a table. A shape is a list of sizes, or one size; `[]` is a
 * single integer.
 *
 * @throws OpsinError `SHAPE` for a value that is no shape, `VALUE` for a range without integers.
 * @example
 * import { ints } from 'opsin'
 * const tokens = ints(64, { below: 32 }) // [batch, 64]
 * const targets = ints([], { from: -1, below: 32 }) // [batch], −1 where there is none
 */
export function ints(shape: number | Shape, range: IntRange = {}): ArrayForm {
  const { from, below } = readOptions('ints', range, rangeRules)
  check('ints: below', below, integer(from + 1, most))
  return { dtype: 'int', shape: shapeOf('ints', shape), from, below }
}

/**
 * An array of floats in each sequence: vectors, weights, numbers to predict.
 *
 * @throws OpsinError `SHAPE` for a value that is no shape.
 * @example
 * import { floats } from 'opsin'
 * const vectors = floats([21, 10]) // [batch, 21, 10]
 */
export function floats(shape: number | Shape): ArrayForm {
  return { dtype: 'float', shape: shapeOf('floats', shape) }
}

function shapeOf(where: string, given: number | Shape): Shape {
  const shape = typeof given === 'number' ? [given] : given
  const fits = isShape(shape) && shape.every((size) => count(2 ** 24).fits(size))
  if (fits) return [...shape]
  throw new OpsinError('SHAPE', { where, expected: 'a positive size, or a list of them', got: show(given) })
}

/** Returns an array's form. @throws OpsinError `VALUE` for anything that `ints` and `floats` did not make. */
export function checkForm(where: string, form: ArrayForm): ArrayForm {
  const { dtype, shape, from, below } = Object(form) as Partial<ArrayForm>
  if (dtype === 'int' && shape !== undefined) return ints(shape, { from, below } as IntRange)
  if (dtype === 'float' && shape !== undefined) return floats(shape)
  throw new OpsinError('VALUE', { where, expected: 'an array, as ints(…) or floats(…) say it', got: show(form) })
}

/**
 * Copies one sequence's numbers to their place in a batch.
 *
 * @throws OpsinError `SHAPE` for another number of numbers, `VALUE` for a value that is no integer in range, `NOT_FINITE` for what
 * is no finite float.
 */
export function copyInto(out: Int32Array | Float32Array, start: number, form: ArrayForm, given: unknown): void {
  const numbers = numbersOf(form, given)
  const size = sizeOf(form.shape)
  if (form.dtype === 'float') {
    for (let i = 0; i < size; i++) {
      // A number beyond the range of a 32-bit float would become infinite.
      if (!Number.isFinite(Math.fround(numbers[i]))) throw wrongNumber('NOT_FINITE', i, 'a finite number', numbers[i])
      out[start + i] = numbers[i]
    }
    return
  }
  const { from = 0, below = most } = form
  for (let i = 0; i < size; i++) {
    const value = numbers[i]
    if (!(Number.isInteger(value) && value >= from && value < below)) {
      throw wrongNumber('VALUE', i, integer(from, below - 1).expected, value)
    }
    out[start + i] = value
  }
}

function numbersOf({ shape }: ArrayForm, given: unknown): ArrayLike<number> {
  const size = sizeOf(shape)
  if (shape.length === 0 && typeof given === 'number') return [given]
  if ((Array.isArray(given) || isNumberArray(given)) && given.length === size) return given
  const got = Array.isArray(given) || isNumberArray(given) ? String(given.length) : show(given)
  const expected = `${size} numbers in a flat list, as shape ${showShape(shape)} has`
  throw new OpsinError('SHAPE', { where: 'array', expected, got })
}

function wrongNumber(code: 'VALUE' | 'NOT_FINITE', index: number, expected: string, got: unknown): OpsinError {
  return new OpsinError(code, { where: `element ${index}`, expected, got: show(got) })
}
