import { requireModel } from '../architectures/check.ts'
import type { Model } from '../architectures/define.ts'
import { GraphBuilder } from '../graph/build.ts'
import { crossEntropy } from './cross-entropy.ts'
import { type Objective, requireObjective } from './objective.ts'

/**
 * A model with what it is to learn: the same model, whose graph goes on to the point `loss`, and which checks targets too.
 *
 * @param objective default cross-entropy with ids.
 * @throws OpsinError, when its graph is built, `VALUE` for an objective that does not fit the model's read-outs.
 * @example
 * import { attentionOnly, withObjective } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 1, dModel: 4, inputs: { kind: 'tokens', vocab: 3 } })
 * console.assert('loss' in withObjective(model).graph({ batch: 1, length: 3 }).points)
 */
export function withObjective<M extends Model>(model: M, objective: Objective = crossEntropy()): M {
  const { readouts } = requireModel('withObjective: model', model)
  requireObjective('withObjective: objective', objective)
  return {
    ...model,
    sizes(inputs) {
      const sizes = model.sizes(inputs)
      objective.check(inputs, readouts, sizes)
      return sizes
    },
    graph(sizes, looksAhead) {
      const builder = new GraphBuilder(model.graph(sizes, looksAhead))
      builder.point('loss', objective.emit({ builder, readouts }))
      return builder.build()
    },
  }
}
