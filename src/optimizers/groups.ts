import {
  check,
  flag,
  form,
  type OptionTable,
  optional,
  positive,
  type Rule,
  readOptions,
  requireRecord,
} from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { OpsinError } from '../core/errors.ts'
import { list as aList, listOf } from '../core/fields.ts'
import { someGlobs } from '../core/glob.ts'
import { show } from '../core/show.ts'
import { anOptimizer, type Optimizer } from './define.ts'
import { someTurns, type Turns } from './turns.ts'

/** Parameters that are trained alike. */
export interface Group {
  /** Their names: one or several globs, where `*` stands for any characters, dots too. */
  readonly match: string | readonly string[]
  /** The optimiser of these parameters; left out where they are frozen. */
  readonly optimizer?: Optimizer
  /** These parameters keep their values, and their gradients are not computed. */
  readonly frozen?: boolean
  /** At which steps they are trained; default all. At others, they and what is remembered of them stay what they are. */
  readonly turns?: Turns
}

export interface GroupsOptions {
  /** The largest norm of all gradients of a step, of all groups together; larger ones are scaled down to it. */
  readonly clip?: number
}

/** Several optimisers, each for its own parameters. */
export interface Groups {
  /** Plain JSON that rebuilds them. */
  readonly config: Optimizer['config']
  readonly groups: readonly Group[]
  readonly clip?: number | undefined
}

const groupTable = {
  match: someGlobs,
  optimizer: optional(anOptimizer),
  frozen: optional(flag),
  turns: optional(someTurns),
} satisfies Record<keyof Group, Rule<any>>

const table = { clip: optional(positive) } satisfies Record<keyof GroupsOptions, Rule<any>>

/** The options of groups as JSON, where each optimiser is the JSON of one. */
export function groupsTable(optimizer: Rule<any>): OptionTable {
  const group = form({ ...groupTable, optimizer: optional(optimizer) }, 'a group { match, … }')
  const members = listOf({ ...group, schema: { ...group.schema, oneOf: [trained, frozen] } }, 'a list of groups')
  return { groups: { ...members, schema: { ...members.schema, contains: trained } }, ...table }
}

/** Either an optimiser, with turns or without, or nothing of the kind. */
const trained = { type: 'object', required: ['optimizer'], properties: { frozen: { const: false } } }
const frozen = {
  type: 'object',
  required: ['frozen'],
  properties: { frozen: { const: true }, optimizer: false, turns: false },
}

/**
 * Trains some parameters otherwise than others, at other steps, or not at all. A parameter belongs to the first group
 * that matches its name; each must belong to one. The `clip` of an optimiser in a group is for the gradients of that
 * group, after that of all groups together.
 *
 * @throws OpsinError `NAME` for fields that no group has, `VALUE` for what makes no sense; and, once the model is known,
 * `NAME` for a glob that matches none of its parameters, `NO_EFFECT` for one that matches only those of earlier groups and
 * for turns that never come, `VALUE` for a parameter in no group.
 * @example
 * import { adam, attentionOnly, fewShot, groups, sgd, train } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
 * const optimizer = groups(
 *   [
 *     { match: 'embed.*', frozen: true },
 *     { match: ['blocks.0.*', 'unembed.*'], optimizer: adam({ lr: 1e-3 }), turns: { every: 2, to: 1 } },
 *     { match: '*', optimizer: sgd({ lr: 0.1 }), turns: { every: 2, from: 1 } },
 *   ],
 *   { clip: 1 },
 * )
 * await train(model, fewShot({ classes: 20 }), { sequences: 128, optimizer })
 */
export function groups(list: readonly Group[], options: GroupsOptions = {}): Groups {
  const { clip } = readOptions('groups', options, table)
  const members = Array.from(check('groups', list, aList as Rule<readonly Group[]>), (group, i) =>
    readGroup(`groups[${i}]`, group),
  )
  check('groups', members, {
    expected: 'at least one group that is not frozen',
    fits: () => members.some(({ optimizer }) => optimizer !== undefined),
  })
  const config = members.map(({ optimizer, ...rest }) => defined({ ...rest, optimizer: optimizer?.config }))
  return { config: defined({ kind: 'groups', groups: config, clip }), groups: members, clip }
}

function readGroup(where: string, given: Group): Group {
  const { match, optimizer, frozen, turns } = readOptions(where, given, groupTable)
  if ((optimizer === undefined) !== (frozen === true) || (frozen && turns !== undefined)) {
    throw new OpsinError('VALUE', {
      where,
      expected: 'either an optimizer, with turns or without, or { frozen: true }',
      got: show(Object.keys(requireRecord(where, given, 'a group'))),
    })
  }
  const own = { match: typeof match === 'string' ? match : [...match], optimizer, frozen: frozen || undefined }
  return defined({ ...own, turns }) as Group
}

/** Whether something are groups rather than one optimiser for all. */
export function areGroups(optimizer: Optimizer | Groups): optimizer is Groups {
  return 'groups' in optimizer
}
