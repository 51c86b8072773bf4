import { readOptions } from '../../core/check.ts'
import type { InitializerKind } from './define.ts'

/**
 * Every number starts at 1.
 *
 * @example
 * import { initializers } from 'opsin'
 * const { kind } = initializers.ones
 */
export const ones = { kind: 'ones' } as const

export const onesKind: InitializerKind<typeof ones> = {
  make(options) {
    readOptions('ones', options, {})
    return ones
  },
  fill: (values) => values.fill(1),
}
