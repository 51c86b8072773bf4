import {
  type Intervention,
  type Model,
  type Parameters,
  type PassName,
  passNames,
  type Site,
  type Tensor,
  tensor,
} from 'opsin'
import { drawFrom } from '../../src/testing/index.ts'
import { weightsOf } from '../support/models.ts'
import { type BatchSize, drawBatch } from './batches.ts'
import { drawIntervention, drawPoint, drawSelection, type Place, passesOf } from './draw-interventions.ts'
import { drawLearner, LONGEST } from './draw-learners.ts'
import { shapesOf } from './interpret.ts'
import type { Learner } from './network.ts'

/** A random model, batch and list of interventions, and how to run them. */
export interface Case extends Learner {
  readonly size: BatchSize
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly weights: Parameters
  readonly list: readonly Intervention[]
  readonly observed: readonly Site[]
  readonly without: readonly PassName[]
  readonly engine: 'reference' | 'wasm'
}

/** The case that a seed stands for. */
export function caseOf(seed: number): Case {
  const draw = drawFrom(seed)
  const learner = drawLearner(draw)
  const { model } = learner
  const isExemplars = (model.config.inputs as { kind: string }).kind === 'exemplars'
  const length = isExemplars ? draw.pick([3, 5, 5, 5]) : draw.pick([1, 2, 3, 4, 4, LONGEST])
  const size = { batch: draw.int(1, 3), length }
  const inputs = drawBatch(learner, seed % 1000, size)
  const place: Place = {
    draw,
    learner,
    shapes: shapesThere(learner, inputs),
    words: model.positions(model.sizes(inputs)),
  }
  const list = Array.from({ length: draw.pick([0, 1, 1, 2, 2, 2, 3, 3, 4]) }, () => drawIntervention(place))
  const observed = new Map<string, Site>()
  for (let n = draw.pick([0, 0, 1, 2, 3]); n > 0; n--) {
    const pass = draw.pick([undefined, undefined, ...passesOf(list)])
    const point = drawPoint(place)
    const site = {
      point,
      ...(pass === undefined ? {} : { pass }),
      ...draw.pick([{}, { select: drawSelection(place, point) }]),
    }
    observed.set(`${pass ?? 'main'}/${point}`, site)
  }
  const without = draw.pick([() => [], () => [], () => [draw.pick(passNames)], () => passNames])()
  return {
    ...learner,
    size,
    inputs,
    weights: drawWeights(model, seed % 997),
    list,
    observed: [...observed.values()],
    without,
    engine: draw.pick(['reference', 'reference', 'wasm'] as const),
  }
}

/** Random weights; of every third model whose heads have gates, the first gate is shut. */
function drawWeights(model: Model, seed: number): Parameters {
  const weights = weightsOf(model, seed)
  const shut = Object.entries(weights).flatMap(([name, { shape, data }]) =>
    seed % 3 === 0 && name.endsWith('attn.gate.weight')
      ? [
          [
            name,
            tensor(
              shape,
              data.map((x, i) => (i === 0 ? 0 : x)),
            ),
          ],
        ]
      : [],
  )
  return { ...weights, ...Object.fromEntries(shut) }
}

/** The shapes of hook points; a read-out that is worth nothing has no loss. */
function shapesThere({ model, objective }: Learner, inputs: Case['inputs']): Place['shapes'] {
  const dead = Object.entries(model.readouts).flatMap(([name, { loss }]) =>
    name === '' || name in objective.options ? [] : [loss],
  )
  return Object.fromEntries(Object.entries(shapesOf(model, inputs)).filter(([point]) => !dead.includes(point)))
}

/** A copy as JSON keeps it. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
