import { anything, check, integer } from '../../core/check.ts'

/** A tuple of so many equal types; a list where the number is not known. */
export type Repeated<N extends number, One, Some extends readonly One[] = readonly []> = number extends N
  ? readonly One[]
  : Some['length'] extends N
    ? Some
    : Repeated<N, One, readonly [...Some, One]>

/**
 * The same block so many times.
 *
 * @throws OpsinError `VALUE` for a count that is no whole number.
 * @example
 * import { attention, repeated } from 'opsin'
 * const blocks = repeated(12, { mixer: attention({ heads: 12 }) })
 * console.assert(blocks.length === 12)
 */
export function repeated<const N extends number, One>(count: N, one: One): Repeated<N, One> {
  check('repeated: count', count, integer(0, 2 ** 16))
  check('repeated: one', one, anything)
  return Array.from({ length: count }, () => one) as unknown as Repeated<N, One>
}
