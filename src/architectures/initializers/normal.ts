import { finite, optional, positive, type Rule, readOptions } from '../../core/check.ts'
import type { FloatArray } from '../../core/dtype.ts'
import type { Drawn, InitializerKind } from './define.ts'

export interface NormalOptions {
  /** Standard deviation. */
  readonly deviation: number
  /** Default 0. */
  readonly mean?: number
}

const table = { deviation: positive, mean: optional(finite, 0) } satisfies Record<keyof NormalOptions, Rule<any>>

/**
 * Normal.
 *
 * @throws OpsinError `VALUE` for a deviation that is not positive.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.normal({ deviation: 0.02 })
 */
export function normal(options: NormalOptions) {
  return { kind: 'normal', ...readOptions('normal', options, table) } as const
}

export const normalKind: InitializerKind<ReturnType<typeof normal>> = {
  make: normal,
  fill: (values, { deviation, mean }, parameter) => fillNormal(values, deviation, mean, parameter),
}

export function fillNormal(values: FloatArray, deviation: number, mean: number, { random, place }: Drawn): void {
  const draws = random.fillNormal(new Float64Array(values.length), 0, place)
  for (let i = 0; i < values.length; i++) values[i] = mean + deviation * draws[i]
}
