import { check, finite, flag, form, oneOf, optional, type Rule, requireRecord } from '../core/check.ts'
import { listOf } from '../core/fields.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { aSite, requireSite, showSite } from './at.ts'
import {
  type InterventionBase,
  type InterventionKind,
  type InterventionOptions,
  interventionVersion,
  type Site,
} from './define.ts'
import { aWindow } from './schedule.ts'

/** The options that every kind of intervention has. */
const options = {
  when: optional(aWindow),
  phase: optional(listOf(oneOf('train', 'eval'), 'some of "train", "eval"', 1)),
  order: optional(finite),
  optional: optional(flag),
  causal: optional({ ...oneOf(false), expected: 'false, or nothing' }),
} satisfies Record<keyof InterventionOptions, Rule<any>>

const optionNames = Object.keys(options)

/** An intervention of a known kind, checked as far as its fields alone allow. */
export interface KnownKind<I extends InterventionBase = any> extends InterventionKind<I> {
  readonly rule: Rule<I>
}

/** Adds the rule of a whole intervention to a kind. */
export function knownKind<I extends InterventionBase>(kind: InterventionKind<I>): KnownKind<I> {
  const version = {
    ...oneOf(interventionVersion),
    code: 'FORMAT',
    expected: `${interventionVersion}`,
  } as const
  const fields = { version, kind: oneOf(kind.kind), at: aSite, ...options, ...kind.fields, ...kind.narrower }
  const rule: Rule<any> = form(fields, `an intervention {"kind": "${kind.kind}", …}`, `a field of ${kind.kind}`)
  return { ...kind, rule }
}

/**
 * An intervention with these fields, once they are known to make sense; options that are `undefined` are left out.
 *
 * @param own the fields of the kind itself; the others are options.
 * @param defaults of options.
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` and `GRADIENT` for whatever its fields alone show
 * to be wrong.
 */
export function make<I extends InterventionBase>(
  kind: KnownKind<I>,
  at: Site,
  own: Partial<I>,
  options: object = {},
  defaults: Partial<I> = {},
): I {
  requireSite(at, kind.kind)
  const where = `${kind.kind} ${showSite(at)}`
  const given = Object.entries(requireRecord(where, options, 'an object of options'))
  const names = [...optionNames, ...Object.keys(kind.fields).filter((name) => !Object.hasOwn(own, name))]
  requireKnownFields(where, 'an option', options, names)
  const said = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Partial<I>
  const intervention = { version: interventionVersion, kind: kind.kind, at, ...own, ...defaults, ...said } as I
  return check(where, intervention, kind.rule)
}
