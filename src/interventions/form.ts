import { check, finite, flag, oneOf, type Rule, requireRecord } from '../core/check.ts'
import { listOf } from '../core/fields.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { requireSite, showSite } from './at.ts'
import {
  type InterventionBase,
  type InterventionKind,
  type InterventionOptions,
  interventionVersion,
  type Phase,
  type Site,
} from './define.ts'
import { checkWindow } from './schedule.ts'

const phases = listOf(oneOf('train', 'eval'), 'some of "train", "eval"')

/** What every intervention may say besides what it does. */
const options = {
  phase: { ...phases, fits: (value) => phases.fits(value) && (value as readonly Phase[]).length > 0 },
  order: finite,
  optional: flag,
  causal: { expected: 'false, or nothing', fits: (value) => value === false },
} satisfies Partial<Record<keyof InterventionOptions, Rule<any>>>

const optionNames = ['when', ...Object.keys(options)]

/** The fields of every intervention. */
const common = ['version', 'kind', 'at', ...optionNames]

/**
 * An intervention with these fields, once they are known to make sense; options that are `undefined` are left out.
 *
 * @param own what it does, of the kind's fields; the others are options.
 * @param defaults of options.
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` and `GRADIENT` for whatever its fields alone show
 * to be wrong.
 */
export function make<I extends InterventionBase>(
  kind: InterventionKind<I>,
  at: Site,
  own: Partial<I>,
  options: object = {},
  defaults: Partial<I> = {},
): I {
  requireSite(at, kind.kind)
  const where = `${kind.kind} ${showSite(at)}`
  const given = Object.entries(requireRecord(where, options, 'an object of options'))
  const names = [...optionNames, ...kind.fields.filter((name) => !Object.hasOwn(own, name))]
  requireKnownFields(where, 'an option', options, names)
  const said = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Partial<I>
  const intervention = { version: interventionVersion, kind: kind.kind, at, ...own, ...defaults, ...said } as I
  checkForm(kind, intervention, where)
  return intervention
}

/** Throws for what the fields of an intervention alone show to be wrong, whatever the model. */
export function checkForm<I extends InterventionBase>(kind: InterventionKind<I>, intervention: I, where: string): void {
  requireKnownFields(where, `a field of ${kind.kind}`, intervention, [...common, ...kind.fields])
  requireSite(intervention.at, `${where}.at`)
  if (intervention.when !== undefined) checkWindow(intervention.when, `${where}.when`)
  for (const [name, rule] of Object.entries(options)) {
    const value = intervention[name as keyof typeof options]
    if (value !== undefined) check<unknown>(`${where}.${name}`, value, rule)
  }
  kind.check(intervention, where)
}
