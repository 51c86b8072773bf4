import { sizeOf } from '../core/shape.ts'
import type { Model } from './define.ts'

/** How many numbers a model learns. */
export function countParameters({ parameters }: Model): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}
