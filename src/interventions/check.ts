import type { Model } from '../architectures/define.ts'
import { check } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { list as aList } from '../core/fields.ts'
import { show } from '../core/show.ts'
import { forwardName } from '../graph/address.ts'
import { checkSite, showSite } from './at.ts'
import type { Read, Site } from './define.ts'
import { anIntervention, type Intervention } from './kinds/index.ts'
import { sitesRead } from './sources/index.ts'
import { hiddenAt } from './written.ts'

/** An intervention and its place in the whole list. */
export interface Numbered {
  readonly index: number
  readonly intervention: Intervention
}

/**
 * Checks a list of interventions against a model, before anything is built.
 *
 * @throws OpsinError `NAME` for kinds, points, axes and sources that do not exist, with the nearest that do; `VALUE`
 * for indices, windows and phases that make no sense; `FORMAT` for JSON of another version.
 */
export function checkInterventions(model: Model, list: readonly Intervention[]): void {
  requireInterventions(list)
  list.forEach((intervention, index) => {
    const where = `interventions[${index}]`
    for (const site of sitesOf(intervention)) checkSite(model, site)
    requireForwardSource(intervention, where)
    requireHidden(model, intervention, where)
  })
}

/** Throws OpsinError unless the value is a list of interventions, for any model. */
export function requireInterventions(list: readonly Intervention[]): void {
  check('interventions', list, { ...aList, expected: 'a list of interventions' })
  // Not `forEach`, which passes over holes.
  for (const [index, intervention] of list.entries()) check(`interventions[${index}]`, intervention, anIntervention)
}

/** Every site that an intervention writes or reads. */
export function sitesOf(intervention: Intervention): Site[] {
  return [intervention.at, ...readsOf(intervention).map(({ site }) => site)]
}

/** Every site that an intervention reads. */
export function readsOf(intervention: Intervention): Read[] {
  return 'source' in intervention ? sitesRead(intervention.source, intervention.at) : []
}

/** Whether a site is on the backward side. */
export function ofGradient({ point }: Site): boolean {
  return forwardName(point) !== point
}

/** A value cannot come from a gradient, which is computed after it. */
function requireForwardSource(intervention: Intervention, where: string): void {
  if (ofGradient(intervention.at)) return
  const late = readsOf(intervention).find(({ site }) => ofGradient(site))
  if (late === undefined) return
  throw new OpsinError('VALUE', {
    where,
    expected: 'a source computed before the point it is written to',
    got: showSite(late.site),
    hint: 'A gradient can be written to gradients alone.',
  })
}

/** `causal: false` makes sense only in a causal model. */
function requireHidden(model: Model, intervention: Intervention, where: string): void {
  const { causal, ...kept } = intervention
  if (causal === undefined || hiddenAt(model, kept) !== undefined) return
  throw new OpsinError('NO_EFFECT', {
    where: `${where}.causal`,
    expected: 'attn.scores or attn.pattern of a causal model, where there are later keys to look at',
    got: model.causal ? showSite(intervention.at) : 'a model that is not causal',
    hint: 'Leave the option out.',
  })
}

/**
 * Throws for interventions in replicas that nobody reads: neither a source on its way to the main network nor an observer.
 *
 * @param observed names of replicas that are read from outside
 * @throws OpsinError `NO_EFFECT` with the names of replicas that are read.
 */
export function requireReadReplicas(list: readonly Intervention[], observed: readonly string[] = []): void {
  const read = new Set(['main', ...observed])
  for (let before = 0; before < read.size; ) {
    before = read.size
    for (const intervention of list) {
      if (!read.has(intervention.at.replica ?? 'main')) continue
      for (const { site } of readsOf(intervention)) read.add(site.replica ?? 'main')
    }
  }
  list.forEach(({ kind, at }, index) => {
    if (read.has(at.replica ?? 'main')) return
    throw new OpsinError('NO_EFFECT', {
      where: `interventions[${index}] (${kind} ${showSite(at)})`,
      expected: 'a replica that a source on the way to the main network reads, or an observer',
      got: show(at.replica),
      hint: `Those are: ${[...read].join(', ')}.`,
    })
  })
}
