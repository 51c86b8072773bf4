import { readOptions } from '../../core/check.ts'
import type { InitializerKind } from './define.ts'

/**
 * Every number starts at 0.
 *
 * @example
 * import { initializers } from 'opsin'
 * const { kind } = initializers.zeros
 */
export const zeros = { kind: 'zeros' } as const

export const zerosKind: InitializerKind<typeof zeros> = {
  make(options) {
    readOptions('zeros', options, {})
    return zeros
  },
  fill: () => {},
}
