import type { Model, Sizes } from '../architectures/define.ts'
import { differentiate, forwardName } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { fuse } from '../graph/passes/fuse.ts'
import { share } from '../graph/passes/share.ts'
import { applyInterventions, pointInPass, type Splice, withPasses } from './apply.ts'
import { checkConflicts, checkInterventions, sitesOf } from './check.ts'
import type { Intervention } from './kinds/index.ts'

/** An intervention and its place in the whole list. */
export interface Numbered {
  readonly index: number
  readonly intervention: Intervention
}

export interface IntervenedGraph {
  readonly graph: Graph
  readonly splices: readonly Splice[]
}

/** Puts each intervention's place beside it. */
export function numbered(list: readonly Intervention[]): Numbered[] {
  return list.map((intervention, index) => ({ index, intervention }))
}

/**
 * The model's graph under interventions: forward, then (where `gradients` are asked for) backward, then interventions
 * on gradients.
 *
 * @param observed points that will be read, so that no pass may remove them.
 * @throws OpsinError for whatever is wrong with the interventions; see {@link checkInterventions}.
 */
export function intervene(
  model: Model,
  sizes: Sizes,
  list: readonly Numbered[],
  { observed, gradients }: { readonly observed: readonly string[]; readonly gradients: boolean },
): IntervenedGraph {
  const interventions = list.map(({ intervention }) => intervention)
  checkInterventions(model, interventions)
  checkConflicts(model, sizes, interventions)

  const inOrder = [...list].sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
  const isGradient = (name: string) => forwardName(name) !== name
  const onGradient = ({ intervention }: Numbered) => isGradient(intervention.at.point)
  const passes = new Set(interventions.flatMap(sitesOf).flatMap(({ pass }) => pass ?? []))
  passes.delete('main')

  const base = withPasses(model.graph(sizes), [...passes])
  const forward = applyInterventions(
    base,
    model,
    sizes,
    inOrder.filter((one) => !onGradient(one)),
  )
  const sites = interventions.flatMap(sitesOf).map(({ point, pass }) => pointInPass(point, pass))
  const heard = [...observed, ...sites.filter(isGradient)]
  const fused = fuse(forward.graph, heard.map(forwardName))
  // Two equal values in one node would have one gradient, the sum of theirs: they stay apart where one is heard.
  const ready = heard.some(isGradient) ? fused : share(fused)
  if (!gradients) return { graph: ready, splices: forward.splices }
  const backward = applyInterventions(differentiate(ready), model, sizes, inOrder.filter(onGradient))
  return { graph: backward.graph, splices: [...forward.splices, ...backward.splices] }
}
