import { check, finite, type Rule, readOptions } from '../../core/check.ts'
import type { FloatArray } from '../../core/dtype.ts'
import type { Drawn, InitializerKind } from './define.ts'

export interface UniformOptions {
  readonly from: number
  readonly to: number
}

const table = { from: finite, to: finite } satisfies Record<keyof UniformOptions, Rule<any>>

/**
 * Uniform from one number up to another.
 *
 * @throws OpsinError `VALUE` unless the first is below the second.
 * @example
 * import { initializers } from 'opsin'
 * const initializer = initializers.uniform({ from: -0.1, to: 0.1 })
 */
export function uniform(options: UniformOptions) {
  const { from, to } = readOptions('uniform', options, table)
  check('uniform: to', to, { expected: `a number above ${from}`, fits: () => to > from && Number.isFinite(to - from) })
  return { kind: 'uniform', from, to } as const
}

export const uniformKind: InitializerKind<ReturnType<typeof uniform>> = {
  make: uniform,
  fill: (values, { from, to }, parameter) => fillUniform(values, from, to, parameter),
}

export function fillUniform(values: FloatArray, from: number, to: number, { random, place }: Drawn): void {
  for (let i = 0; i < values.length; i++) values[i] = from + (to - from) * random.uniform(0, place, i)
}
