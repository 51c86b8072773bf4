import { positive, type Rule, readOptions } from '../../core/check.ts'
import type { FloatArray } from '../../core/dtype.ts'
import type { Drawn, InitializerKind } from './define.ts'

export interface TruncatedNormalOptions {
  /** Standard deviation of the normal before truncation. */
  readonly deviation: number
}

const table = { deviation: positive } satisfies Record<keyof TruncatedNormalOptions, Rule<any>>

/**
 * Normal, around 0, given that it lies within two standard deviations.
 *
 * @throws OpsinError `VALUE` for a deviation that is not positive.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.truncatedNormal({ deviation: 0.02 })
 */
export function truncatedNormal(options: TruncatedNormalOptions) {
  return { kind: 'truncated-normal', ...readOptions('truncatedNormal', options, table) } as const
}

export const truncatedNormalKind: InitializerKind<ReturnType<typeof truncatedNormal>> = {
  make: truncatedNormal,
  fill: (values, { deviation }, parameter) => fillTruncatedNormal(values, deviation, parameter),
}

export function fillTruncatedNormal(values: FloatArray, deviation: number, { random, place }: Drawn): void {
  random.fillTruncatedNormal(values, 0, place)
  for (let i = 0; i < values.length; i++) values[i] *= deviation
}

/** Standard deviation of a unit normal after truncation to [−2, 2]. */
export const TRUNCATED_DEVIATION = 0.87962566103423978

/** Variance 1/fan_in after truncation at two standard deviations. [LeCun et al. 1998, as in JAX] */
export function leCunNormal(fanIn: number) {
  return truncatedNormal({ deviation: Math.sqrt(1 / fanIn) / TRUNCATED_DEVIATION })
}
