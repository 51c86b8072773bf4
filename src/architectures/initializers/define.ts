import type { FloatArray } from '../../core/dtype.ts'
import { OpsinError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import { type Shape, showShape } from '../../core/shape.ts'

/** One way in which a parameter starts. */
export interface InitializerKind<Initializer extends { readonly kind: string }> {
  /** From its options, as JSON has them. @throws OpsinError `NAME` or `VALUE` for those that make no sense. */
  make(options: any): Initializer
  /** Writes the values of a parameter, which are all zero before. */
  fill(values: FloatArray, initializer: Initializer, parameter: Drawn): void
}

/** The parameter that is drawn. */
export interface Drawn {
  /** Weights are [in, out]. */
  readonly shape: Shape
  readonly random: Rng
  /** Which parameter of the model it is: the `tensor` of its random numbers; their `step` is 0. */
  readonly place: number
}

/** How many numbers go into each output of a matrix of weights, and how many outputs each goes into. */
export function fansOf(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length === 2) return { fanIn: shape[0], fanOut: shape[1] }
  throw new OpsinError('SHAPE', { where: 'shape', expected: 'a matrix [in, out]', got: showShape(shape) })
}
