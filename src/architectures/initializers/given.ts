import { check, finite, type Rule, readOptions } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { listOf } from '../../core/fields.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../../core/shape.ts'
import { aShape } from '../../core/shape-rule.ts'
import { requireTensor, type Tensor } from '../../core/tensor.ts'
import type { InitializerKind } from './define.ts'

export interface Given {
  readonly kind: 'given'
  readonly shape: Shape
  readonly values: readonly number[]
}

const table = {
  shape: aShape,
  values: listOf(finite, 'finite numbers'),
} satisfies Record<Exclude<keyof Given, 'kind'>, Rule<any>>

/**
 * These numbers. They are written out in its JSON; large arrays are better handed to a run as `parameters`.
 *
 * @throws OpsinError `VALUE` for a value that is no tensor, and for numbers that are not finite; `SHAPE` for a parameter of
 * another shape.
 * @example
 * import { initializers, tensor } from 'opsin'
 * const initializer = initializers.given(tensor([2, 2], Float32Array.of(0, 1, 1, 0)))
 */
export function given(values: Tensor): Given {
  const { shape, data } = requireTensor('given', values)
  return givenFrom({ shape, values: Array.from(data) })
}

function givenFrom(options: object): Given {
  const { shape, values } = readOptions('given', options, table)
  const size = sizeOf(shape)
  check('given: values', values, { expected: `${size} numbers`, fits: () => values.length === size })
  return { kind: 'given', shape, values }
}

export const givenKind: InitializerKind<Given> = {
  make: givenFrom,
  fill(values, given, { shape }) {
    if (!sameShape(given.shape, shape)) {
      throw new OpsinError('SHAPE', { where: 'given', expected: showShape(shape), got: showShape(given.shape) })
    }
    values.set(given.values)
  },
}
