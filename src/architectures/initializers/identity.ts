import { finite, optional, type Rule, readOptions } from '../../core/check.ts'
import { fansOf, type InitializerKind } from './define.ts'

export interface IdentityOptions {
  /** The value on the diagonal; default 1. */
  readonly gain?: number
}

const table = { gain: optional(finite, 1) } satisfies Record<keyof IdentityOptions, Rule<any>>

/**
 * A gain on the diagonal of a matrix [in, out], zeros elsewhere; input i goes to output i for as long as there are both.
 *
 * @throws OpsinError `SHAPE` for a parameter that is no matrix.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.identity()
 */
export function identity(options: IdentityOptions = {}) {
  return { kind: 'identity', ...readOptions('identity', options, table) } as const
}

export const identityKind: InitializerKind<ReturnType<typeof identity>> = {
  make: identity,
  fill(values, { gain }, { shape }) {
    const { fanIn, fanOut } = fansOf(shape)
    for (let i = 0; i < Math.min(fanIn, fanOut); i++) values[i * fanOut + i] = gain
  },
}
