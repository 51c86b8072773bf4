import type { Intervention, Model, Tensor } from 'opsin'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { valuesOf, weightsOf } from './models.ts'
import { runGraph } from './run-graph.ts'

/** A model's graph under interventions, with or without gradients. */
export function intervenedGraph(
  model: Model,
  inputs: Readonly<Record<string, Tensor>>,
  list: readonly Intervention[],
  gradients = false,
) {
  const sizes = model.sizes(inputs)
  const seen = list.flatMap((_, i) => ['before', 'after'].map((when) => `interventions.${i}.${when}`))
  const observed = [...model.hookPoints.keys(), ...seen, ...seen.map((point) => `grad(${point})`)]
  return intervene(withObjective(model), sizes, numbered(list), { observed, gradients }).graph
}

/** Runs it forward and backward, in f64, on weights from the seed. */
export function runIntervened(
  model: Model,
  inputs: Readonly<Record<string, Tensor>>,
  list: readonly Intervention[],
  weights = weightsOf(model),
) {
  return runGraph(intervenedGraph(model, inputs, list, true), valuesOf(inputs, weights))
}
