import { requireModel } from '../architectures/check.ts'
import type { Model } from '../architectures/define.ts'
import type { GivenInputs } from '../architectures/given-inputs.ts'
import { initialize } from '../architectures/initialize.ts'
import { OpsinError } from '../core/errors.ts'
import { showShape } from '../core/shape.ts'
import type { Graph } from '../graph/node.ts'
import { inputsOf, requireInputs } from '../inference/inputs.ts'
import type { Objective } from '../objectives/objective.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { checkGradient, type GradientReport } from './grad-check.ts'

/**
 * The tests that every model of the house passes, on one of your own or on one with parts of your own: its graph has the hook
 * points that it declares, with their axes and sizes, each a node of its own, and the gradient of every parameter is what
 * finite differences find.
 *
 * @param inputs a batch and tables that fit it.
 * @throws OpsinError `VALUE` naming the hook point that is not as declared, `GRADIENT` naming the parameter.
 * @example
 * import { attentionOnly, fewShot } from 'opsin'
 * import { checkModel } from 'opsin/testing'
 * const task = fewShot({ classes: 5, testClasses: 0, features: { classes: 5, features: 6 } })
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 4, inputs: { kind: 'exemplars', features: 6, labels: 5 } })
 * const { error } = checkModel(model, { ...task.tables, ...task.batch(0, 2) })
 * console.assert(error < 1e-7)
 */
export function checkModel(model: Model, inputs: GivenInputs, objective?: Objective): GradientReport {
  const learner = withObjective(requireModel('checkModel', model), objective)
  const sizes = learner.sizes(inputs)
  requireInputs(inputsOf(learner, sizes), inputs)
  const graph = learner.graph(sizes)
  requirePoints(model, graph)
  const values = Object.entries({ ...initialize(model, 1, 'f64'), ...inputs }).map(([name, { data }]) => [name, data])
  const fed = graph.nodes.flatMap((node) =>
    node.kind === 'input' && node.feed !== undefined ? [[node.name, node.feed(0)]] : [],
  )
  return checkGradient(graph, { seed: 1, values: Object.fromEntries([...values, ...fed]) })
}

function requirePoints({ hookPoints }: Model, { nodes, points }: Graph): void {
  const seen = new Set<number>()
  for (const [name, { axes, sizes }] of hookPoints) {
    if (!Object.hasOwn(points, name)) throw wrong(name, 'a node of the graph', 'none')
    const { shape } = nodes[points[name]]
    if (shape.length !== axes.length) throw wrong(name, axes.join(', '), showShape(shape))
    const other = axes.findIndex((axis, i) => (sizes?.[axis] ?? shape[i]) !== shape[i])
    if (other >= 0) throw wrong(name, `${axes[other]} of ${sizes?.[axes[other]]}`, showShape(shape))
    if (seen.has(points[name])) throw wrong(name, 'a node of its own', 'one that has another name too')
    seen.add(points[name])
  }
  const unknown = Object.keys(points).find((name) => !hookPoints.has(name))
  if (unknown !== undefined) throw wrong(unknown, 'a hook point that the model declares', 'one that it does not')
}

function wrong(name: string, expected: string, got: string): OpsinError {
  return new OpsinError('VALUE', { where: `checkModel: ${name}`, expected, got })
}
