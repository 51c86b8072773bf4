import { check, type OptionTable, type Rule } from '../core/check.ts'
import { also, kindOf, titled } from '../core/choice.ts'
import { adam, adamTable } from './adam.ts'
import { adamW, adamWTable } from './adam-w.ts'
import type { Optimizer } from './define.ts'
import { type Groups, groups, groupsTable } from './groups.ts'
import { sgd, sgdTable } from './sgd.ts'

interface OptimizerKind<Made = Optimizer> {
  readonly table: OptionTable
  make(options: any): Made
}

/** The update rules: one line each. */
const updates: Readonly<Record<string, OptimizerKind>> = {
  adam: { table: adamTable, make: adam },
  'adam-w': { table: adamWTable, make: adamW },
  sgd: { table: sgdTable, make: sgd },
}

const anUpdate = kindOf('kind', 'an optimiser', updates)

const optimizers: Readonly<Record<string, OptimizerKind<Optimizer | Groups>>> = {
  ...updates,
  groups: { table: groupsTable(anUpdate), make: groupsFrom },
}

const anyKind: Rule<Optimizer['config']> = kindOf('kind', 'an optimiser', optimizers)

/** An optimiser, or groups of some, as JSON. */
export const anOptimizerConfig = titled('optimizer', also(anyKind, made))

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
  return made(check('optimizerFrom', config, anyKind))
}

function made({ kind, ...options }: Optimizer['config']): Optimizer | Groups {
  return optimizers[kind].make(options)
}

function groupsFrom({ groups: members, ...options }: { readonly groups: readonly any[] }): Groups {
  const withRules = members.map(({ optimizer, ...group }) =>
    optimizer === undefined ? group : { ...group, optimizer: made(optimizer) },
  )
  return groups(withRules, options)
}
