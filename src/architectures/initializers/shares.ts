import { readOptions } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { showShape } from '../../core/shape.ts'
import type { InitializerKind } from './define.ts'

/**
 * Rows that sum to 1: uniform in 0 … 1, and in the last column what is left [Xu et al. 2024, mixes of keys and values].
 *
 * @throws OpsinError `NAME` for options, since it has none; when it is drawn, `SHAPE` for a parameter that is no matrix.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.shares()
 */
export function shares(options: object = {}) {
  readOptions('shares', options, {})
  return { kind: 'shares' } as const
}

export const sharesKind: InitializerKind<ReturnType<typeof shares>> = {
  make: shares,
  fill(values, _, { shape, random, place }) {
    const [rows, columns] = shape
    if (shape.length !== 2) {
      throw new OpsinError('SHAPE', { where: 'shape', expected: 'a matrix [rows, columns]', got: showShape(shape) })
    }
    for (let row = 0; row < rows; row++) {
      const last = row * columns + columns - 1
      values[last] = 1
      for (let i = row * columns; i < last; i++) {
        values[i] = random.uniform(0, place, i)
        values[last] -= values[i]
      }
    }
  },
}
