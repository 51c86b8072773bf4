import type { Model, Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { requireKnownFields, unknownName } from '../core/nearest.ts'
import { pointOf } from '../graph/build.ts'
import { forwardName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { checkSite, requireSite, selectedIndices, showSite } from './at.ts'
import { type InterventionBase, interventionVersion, type Phase, type Site } from './define.ts'
import { type Intervention, interventionKinds } from './kinds/index.ts'
import { checkWindow, overlap } from './schedule.ts'
import { sitesRead } from './sources/index.ts'

/**
 * Checks a list of interventions against a model, before anything is built.
 *
 * @throws OpsinError `NAME` for kinds, points, axes and sources that do not exist, with the nearest that do; `VALUE`
 * for indices, windows and phases that make no sense; `FORMAT` for JSON of another version.
 */
export function checkInterventions(model: Model, list: readonly Intervention[]): void {
  list.forEach((intervention, index) => {
    const where = `interventions[${index}]`
    checkForm(intervention, where)
    for (const site of sitesOf(intervention)) checkSite(model, site)
    if (intervention.when !== undefined) checkWindow(intervention.when, `${where}.when`)
  })
}

/** An intervention and its place in the whole list. */
export interface Numbered {
  readonly index: number
  readonly intervention: Intervention
}

/** Every site that an intervention writes or reads. */
export function sitesOf(intervention: Intervention): Site[] {
  return 'source' in intervention
    ? [intervention.at, ...sitesRead(intervention.source, intervention.at)]
    : [intervention.at]
}

/** The fields of every intervention. */
const common = ['version', 'kind', 'at', 'when', 'phase', 'order', 'optional'] satisfies (keyof InterventionBase)[]

function checkForm(intervention: Intervention, where: string): void {
  const { version, kind, at, phase, order } = intervention ?? {}
  if (version !== interventionVersion) {
    throw new OpsinError('FORMAT', {
      where,
      expected: `an intervention of version ${interventionVersion}`,
      got: JSON.stringify(version) ?? 'none',
      hint: 'Make interventions with ablate, clamp, forbid, patch and scale.',
    })
  }
  if (!Object.hasOwn(interventionKinds, kind)) {
    throw unknownName(where, 'a kind of intervention', String(kind), Object.keys(interventionKinds))
  }
  requireKnownFields(where, `a field of ${kind}`, intervention, [...common, ...interventionKinds[kind].fields])
  requireSite(at, `${where}.at`)
  const phases: readonly Phase[] = ['train', 'eval']
  if (phase !== undefined && (!Array.isArray(phase) || phase.length === 0 || !phase.every((p) => phases.includes(p)))) {
    throw new OpsinError('VALUE', {
      where: `${where}.phase`,
      expected: 'some of "train", "eval"',
      got: JSON.stringify(phase),
    })
  }
  if (order !== undefined && !Number.isFinite(order)) {
    throw new OpsinError('VALUE', { where: `${where}.order`, expected: 'a number', got: JSON.stringify(order) })
  }
}

/**
 * Two interventions that would write the same elements at the same time are an error unless their orders differ.
 *
 * @param graph the model's own at these sizes, for the shapes of its points.
 * @throws OpsinError `CONFLICT` naming both.
 */
export function checkConflicts(model: Model, sizes: Sizes, graph: Graph, list: readonly Numbered[]): void {
  list.forEach(({ index, intervention: first }, i) => {
    for (const { index: other, intervention: second } of list.slice(i + 1)) {
      if ((first.order ?? 0) !== (second.order ?? 0) || !meet(model, sizes, graph, first, second)) continue
      throw new OpsinError('CONFLICT', {
        where: `interventions[${index}] and interventions[${other}]`,
        expected: 'different elements, windows or orders',
        got: `${first.kind} ${showSite(first.at)} and ${second.kind} ${showSite(second.at)} on the same elements`,
        hint: 'Give one of them an order: the higher comes later and has the last word.',
      })
    }
  })
}

function meet(model: Model, sizes: Sizes, graph: Graph, a: Intervention, b: Intervention): boolean {
  if (a.at.point !== b.at.point || (a.at.pass ?? 'main') !== (b.at.pass ?? 'main')) return false
  if (
    !overlap(a.when, b.when) ||
    !(a.phase ?? ['train', 'eval']).some((p) => (b.phase ?? ['train', 'eval']).includes(p))
  ) {
    return false
  }
  const { shape } = graph.nodes[pointOf(graph, forwardName(a.at.point))]
  const [mine, theirs] = [a, b].map(({ at }) => selectedIndices(model, sizes, at, shape))
  return mine.every((indices, axis) => {
    const others = theirs[axis]
    return indices === null || others === null || indices.some((index) => others.includes(index))
  })
}
