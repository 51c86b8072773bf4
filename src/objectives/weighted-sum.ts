import { notNegative, optional, type Rule, readOptions, requireRecord } from '../core/check.ts'
import { either } from '../core/choice.ts'
import { named } from '../core/nearest.ts'
import type { NodeId } from '../graph/node.ts'
import { aSchedule, type Rate, rateAt } from '../optimizers/schedules/index.ts'
import { anObjective, type Objective, type ObjectivePlace } from './objective.ts'

/** The weight of one read-out. */
export interface WeightedObjective {
  readonly objective: Objective
  /** A number of at least 0, or a schedule over the steps of training; default 1. */
  readonly weight?: Rate
}

const partTable = {
  objective: anObjective,
  weight: optional(either('a number of at least 0, or a schedule', notNegative, aSchedule), 1),
} satisfies Record<keyof WeightedObjective, Rule<any>>

/**
 * A weighted sum over the read-outs of a model, by their names. Each read-out's own loss is a hook point,
 * `readouts.{name}.loss`, and its inputs are called `targets/{name}`, `weights/{name}` in the batch.
 *
 * @throws OpsinError `VALUE` for weights below 0 and for a value that is no objective; where it meets a model, `NAME` for a read-out
 * that the model does not have.
 * @example
 * import { binaryCrossEntropy, crossEntropy, weightedSum } from 'opsin'
 * const objective = weightedSum({
 *   next: { objective: crossEntropy() },
 *   exists: { objective: binaryCrossEntropy(), weight: 0.5 },
 * })
 */
export function weightedSum(parts: Readonly<Record<string, WeightedObjective>>): Objective {
  const given = requireRecord('weightedSum', parts, 'objectives by the names of read-outs') as typeof parts
  const all = Object.entries(given).map(([name, part]) => {
    const where = `weightedSum: ${name}`
    return { name, ...readOptions(where, part, partTable) }
  })
  return {
    kind: 'weighted-sum',
    options: Object.fromEntries(
      all.map(({ name, objective: { kind, options }, weight }) => [name, { objective: { kind, ...options }, weight }]),
    ),
    emit(place) {
      const { builder } = place
      const terms = all.map(({ name, objective, weight }) => {
        const site = named('weightedSum', 'a read-out of this model', name, place.readouts)
        const loss = builder.point(site.loss, objective.emit(only(place, name)))
        const factor = builder.input(`loss-weight/${name}`, [], 'step', 'float', (step) => [rateAt(weight, step)])
        return builder.op('multiply', [loss, factor])
      })
      return terms.reduce((sum, term): NodeId => builder.op('add', [sum, term]))
    },
    check(inputs, readouts, sizes) {
      for (const { name, objective } of all) {
        const site = named('weightedSum', 'a read-out of this model', name, readouts)
        objective.check(inputs, { [name]: site }, sizes)
      }
    },
  }
}

function only({ builder, readouts }: ObjectivePlace, name: string): ObjectivePlace {
  return { builder, readouts: { [name]: readouts[name] } }
}
