import type { Model, Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { forwardName } from '../graph/address.ts'
import { pointOf } from '../graph/build.ts'
import type { Graph } from '../graph/node.ts'
import { showSite } from './at.ts'
import { type Numbered, readsOf } from './check.ts'
import type { InterventionKind, Site } from './define.ts'
import { countElements, type Elements, meet } from './elements.ts'
import { interventionKinds } from './kinds/index.ts'
import { elementsWritten, ownElementsRead } from './written.ts'

/**
 * Checks what interventions write that act together: something each, none what another writes or reads at the same order,
 * and nothing that only their sum makes impossible.
 *
 * @param graph the model's own at these sizes, for the shapes of its points.
 * @throws OpsinError `NO_EFFECT` for one that writes nothing, `CONFLICT` naming two, `VALUE` for what cannot be.
 */
export function checkTogether(model: Model, sizes: Sizes, graph: Graph, list: readonly Numbered[]): void {
  const acts = list.map((one) => actOf(model, sizes, graph, one))
  acts.forEach((first, i) => {
    requireElements(first)
    for (const second of acts.slice(i + 1)) requireNoConflict(first, second)
  })
  for (const same of groupsOf(acts)) {
    const [{ intervention, shape }] = same
    const kind: InterventionKind = interventionKinds[intervention.kind]
    kind.together?.(same, `${intervention.kind} ${showSite({ ...intervention.at, select: {} })}`, model, shape)
  }
}

/** An intervention with the elements that it writes, and those that it reads of its own point. */
interface Act extends Numbered {
  readonly shape: readonly number[]
  readonly elements: Elements
  readonly reads: readonly Elements[]
}

function actOf(model: Model, sizes: Sizes, graph: Graph, { index, intervention }: Numbered): Act {
  const { shape } = graph.nodes[pointOf(graph, forwardName(intervention.at.point))]
  const own = readsOf(intervention).filter(({ site }) => pointOfSite(site) === pointOfSite(intervention.at))
  return {
    index,
    intervention,
    shape,
    elements: elementsWritten(model, sizes, intervention, shape),
    reads: own.map((read) => ownElementsRead(model, sizes, intervention, read, shape)),
  }
}

function pointOfSite({ point, replica = 'main' }: Site): string {
  return `${replica}/${point}`
}

function requireElements({ index, intervention: { kind, at, causal }, elements }: Act): void {
  if (countElements(elements) > 0) return
  throw new OpsinError('NO_EFFECT', {
    where: `interventions[${index}] (${kind} ${showSite(at)})`,
    expected: 'at least one edge that the causal mask leaves visible',
    got: 'none',
    ...(causal === undefined && kind !== 'forbid'
      ? { hint: 'To let queries see later keys, say { causal: false }.' }
      : {}),
  })
}

function requireNoConflict(first: Act, second: Act): void {
  const [a, b] = [first.intervention, second.intervention]
  if (pointOfSite(a.at) !== pointOfSite(b.at) || (a.order ?? 0) !== (b.order ?? 0)) return
  const conflict = meet(first.elements, second.elements)
    ? 'on the same elements'
    : first.reads.some((read) => meet(read, second.elements))
      ? 'whose elements the first reads'
      : second.reads.some((read) => meet(read, first.elements))
        ? 'which reads elements of the first'
        : undefined
  if (conflict === undefined) return
  throw new OpsinError('CONFLICT', {
    where: `interventions[${first.index}] and interventions[${second.index}]`,
    expected: 'different elements, windows or orders',
    got: `${a.kind} ${showSite(a.at)} and ${b.kind} ${showSite(b.at)} ${conflict}`,
    hint: 'Give one of them an order: the higher comes later and has the last word.',
  })
}

/** Acts of one kind on one point. */
function groupsOf(acts: readonly Act[]): Act[][] {
  const groups = new Map<string, Act[]>()
  for (const act of acts) {
    const key = `${act.intervention.kind} ${pointOfSite(act.intervention.at)}`
    groups.set(key, [...(groups.get(key) ?? []), act])
  }
  return [...groups.values()]
}
