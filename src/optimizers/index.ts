import { check, requireObject } from '../core/check.ts'
import { list } from '../core/fields.ts'
import { named } from '../core/nearest.ts'
import { adam } from './adam.ts'
import { adamW } from './adam-w.ts'
import type { Optimizer } from './define.ts'
import { type Groups, groups } from './groups.ts'
import { sgd } from './sgd.ts'

const rules = { adam, 'adam-w': adamW, sgd } as const
const optimizers = { ...rules, groups: groupsFrom } as const

/**
 * Rebuilds an optimiser, or groups of some, from its config.
 *
 * @throws OpsinError `NAME` for a kind that does not exist and for options that its optimiser does not have;
 * `VALUE` for rates outside their range.
 * @example
 * import { optimizerFrom } from 'opsin'
 * const optimizer = optimizerFrom({ kind: 'sgd', lr: 0.1, momentum: 0.9 })
 */
export function optimizerFrom(config: Optimizer['config']): Optimizer | Groups {
  return from<Optimizer | Groups>('optimizerFrom', config, optimizers)
}

function from<Made>(where: string, config: unknown, kinds: Readonly<Record<string, (options: any) => Made>>): Made {
  const { kind, ...options } = requireObject(where, config, 'an object { kind, …options }')
  return named(`${where}: kind`, 'an optimiser', kind, kinds)(options)
}

function groupsFrom({ groups: members, ...options }: Readonly<Record<string, unknown>>): Groups {
  const withRules = Array.from(check<readonly unknown[]>('optimizerFrom: groups', members, list), (group: any, i) => {
    if (group?.optimizer === undefined) return group
    return { ...group, optimizer: from(`optimizerFrom: groups[${i}]: optimizer`, group.optimizer, rules) }
  })
  return groups(withRules, options)
}

export { type AdamOptions, adam } from './adam.ts'
export { type AdamWOptions, adamW } from './adam-w.ts'
export type { Optimizer } from './define.ts'
export { type Group, type Groups, type GroupsOptions, groups } from './groups.ts'
export {
  type ConstantScheduleOptions,
  type CosineScheduleOptions,
  constantSchedule,
  cosineSchedule,
  type LinearScheduleOptions,
  linearSchedule,
  type Rate,
  type Schedule,
  type StepScheduleOptions,
  stepSchedule,
  type WarmUpScheduleOptions,
  warmUpSchedule,
} from './schedules/index.ts'
export { type SgdOptions, sgd } from './sgd.ts'
export type { Turns } from './turns.ts'
