import { OpsinError } from '../core/errors.ts'
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

/** The fields of every intervention. */
const common = [
  'version',
  'kind',
  'at',
  'when',
  'phase',
  'order',
  'optional',
  'causal',
] satisfies (keyof InterventionBase)[]

/**
 * An intervention with these fields, once they are known to make sense; options that are `undefined` are left out.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` and `GRADIENT` for whatever its fields alone show
 * to be wrong.
 */
export function make<I extends InterventionBase>(
  kind: InterventionKind<I>,
  at: Site,
  own: Omit<I, keyof InterventionBase>,
  options: InterventionOptions,
): I {
  if (typeof options !== 'object' || options === null) throw wrong(kind.kind, 'an object of options', options)
  requireSite(at, kind.kind)
  const given = Object.entries({ ...own, ...options }).filter(([, value]) => value !== undefined)
  const intervention = { version: interventionVersion, kind: kind.kind, at, ...Object.fromEntries(given) }
  checkForm(kind, intervention as I, `${kind.kind} ${showSite(at)}`)
  return intervention as I
}

/** Throws for what the fields of an intervention alone show to be wrong, whatever the model. */
export function checkForm<I extends InterventionBase>(kind: InterventionKind<I>, intervention: I, where: string): void {
  const { when, phase, order, optional, causal } = intervention
  requireKnownFields(where, `a field of ${kind.kind}`, intervention, [...common, ...kind.fields])
  requireSite(intervention.at, `${where}.at`)
  if (when !== undefined) checkWindow(when, `${where}.when`)
  const phases: readonly Phase[] = ['train', 'eval']
  if (phase !== undefined && !(Array.isArray(phase) && phase.length > 0 && phase.every((p) => phases.includes(p)))) {
    throw wrong(`${where}.phase`, 'some of "train", "eval"', phase)
  }
  if (order !== undefined && !Number.isFinite(order)) throw wrong(`${where}.order`, 'a number', order)
  if (optional !== undefined && typeof optional !== 'boolean')
    throw wrong(`${where}.optional`, 'true or false', optional)
  if (causal !== undefined && causal !== false) throw wrong(`${where}.causal`, 'false, or nothing', causal)
  kind.check(intervention, where)
}

function wrong(where: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', { where, expected, got: show(got) })
}

/** A value in an error, as JSON where it has such a form. */
export function show(value: unknown): string {
  try {
    const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
    return text.length <= 80 ? text : `${text.slice(0, 80)}…`
  } catch {
    return typeof value
  }
}
