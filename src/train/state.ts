import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { State } from '../backends/program-io.ts'
import { stateInputs } from '../compile/optimize.ts'
import { unknownName } from '../core/nearest.ts'
import { sizeOf } from '../core/shape.ts'
import { checkParameters, floatsOf } from '../inference/state.ts'
import { assign } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import type { Groups } from '../optimizers/groups.ts'
import { updatesBefore } from '../optimizers/turns.ts'
import { type Checkpoint, requireState } from './checkpoint.ts'

/** The prefix of the names of an optimiser's memory. */
const isRemembered = ([name]: readonly [string, unknown]) => name.startsWith('optimizer.')

/**
 * The parameters of a checkpoint, without the optimiser's state: for a new run that starts from them, with another
 * optimiser, task or list of interventions.
 *
 * @example
 * import { adam, attentionOnly, checkpointParameters, fewShot, train } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const task = fewShot({ classes: 20 })
 * const { checkpoint } = await train(model, task, { sequences: 64, optimizer: adam({ lr: 1e-2 }) })
 * const parameters = checkpointParameters(checkpoint)
 * const branch = await train(model, task, { sequences: 64, optimizer: adam({ lr: 1e-3 }), parameters })
 * console.assert(branch.steps === 2)
 */
export function checkpointParameters(checkpoint: Pick<Checkpoint, 'state'>): Parameters {
  const state = requireState(checkpoint, 'checkpointParameters')
  const parameters = Object.entries(state).filter((entry) => !isRemembered(entry))
  return Object.fromEntries(parameters) as Parameters
}

/**
 * A checkpoint's parameters and optimiser state, once they are known to be all there and nothing else.
 *
 * @throws OpsinError `NAME`, `SHAPE` or `NOT_FINITE`, naming the tensor.
 */
export function checkState(checkpoint: Checkpoint, model: Model, optimizer: Optimizer | Groups): State {
  const { state, step } = checkpoint
  const sizes = new Map(model.parameters.map(({ name, shape }) => [name, sizeOf(shape)]))
  const remembered = assign(optimizer, model.parameters).flatMap((one) => {
    const size = one.parameters.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)
    return stateInputs(one).map((name) => ({ name, size, updates: updatesBefore(one.turns, step) }))
  })
  const known = remembered.map(({ name }) => name)
  for (const [name] of Object.entries(state).filter(isRemembered)) {
    if (!known.includes(name)) throw unknownName('checkpoint', "a part of the optimiser's state", name, known)
  }
  // Before the first update there is nothing to remember.
  const there = remembered.filter(({ name, updates }) => state[name] !== undefined || updates > 0)
  const own = there.map(({ name, size }) => [name, floatsOf(`checkpoint "${name}"`, state[name], [size])])
  return { ...checkParameters(model, checkpointParameters(checkpoint)), ...Object.fromEntries(own) }
}
