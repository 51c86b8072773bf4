import type { Model, Sizes } from '../architectures/define.ts'
import { differentiate } from '../graph/differentiate.ts'
import type { Graph } from '../graph/node.ts'
import { fuse } from '../graph/passes/fuse.ts'
import { share } from '../graph/passes/share.ts'
import { applyInterventions, type Splice, withPasses } from './apply.ts'
import { forwardPoint } from './at.ts'
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
  const onGradient = ({ intervention }: Numbered) => intervention.at.point.startsWith('grad(')
  const passes = new Set(interventions.flatMap(sitesOf).flatMap(({ pass }) => pass ?? []))
  passes.delete('main')

  const base = withPasses(model.graph(sizes), [...passes])
  const forward = applyInterventions(
    base,
    model,
    sizes,
    inOrder.filter((one) => !onGradient(one)),
  )
  const fused = share(fuse(forward.graph, observed.map(forwardPoint)))
  if (!gradients) return { graph: fused, splices: forward.splices }
  const backward = applyInterventions(differentiate(fused), model, sizes, inOrder.filter(onGradient))
  return { graph: backward.graph, splices: [...forward.splices, ...backward.splices] }
}
