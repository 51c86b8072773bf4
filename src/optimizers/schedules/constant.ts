import { positive, type Rule, readOptions } from '../../core/check.ts'

export interface ConstantOptions {
  readonly value: number
}

const table = { value: positive } satisfies Record<keyof ConstantOptions, Rule<any>>

/**
 * The same rate at every step, for a {@link warmUp} that leads up to it. Where nothing comes before, a number will do.
 *
 * @throws OpsinError `VALUE` for a rate that is not positive.
 * @example
 * import { adam, constant, warmUp } from 'opsin'
 * const optimizer = adam({ lr: warmUp({ steps: 500, before: constant({ value: 1e-3 }) }) })
 */
export function constant(options: ConstantOptions) {
  return { kind: 'constant', ...readOptions('constant', options, table) } as const
}

export function constantAt({ value }: ReturnType<typeof constant>): number {
  return value
}
