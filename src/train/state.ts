import type { Model } from '../architectures/define.ts'
import type { State } from '../backends/program-io.ts'
import type { FloatArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { sameShape, showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkParameters } from '../inference/state.ts'
import type { Checkpoint } from './checkpoint.ts'
import { stateInputs } from './optimize.ts'
import type { Optimizer } from './optimizers/define.ts'

/**
 * A checkpoint's parameters and optimiser state, once they are known to be all there and nothing else.
 *
 * @throws OpsinError `NAME`, `SHAPE` or `NOT_FINITE`, naming the tensor.
 */
export function checkState({ state, step }: Checkpoint, model: Model, optimizer: Optimizer): State {
  const size = model.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const remembered = stateInputs(optimizer)
  const isRemembered = ([name]: [string, unknown]) => name.startsWith('optimizer.')
  const own = Object.entries(state).filter(isRemembered)
  for (const [name] of own) {
    if (!remembered.includes(name)) throw unknownName('checkpoint', "a part of the optimiser's state", name, remembered)
  }
  for (const name of remembered) {
    // Before the first step there is nothing to remember.
    if (state[name] !== undefined || step > 0) requireVector(name, state[name], size)
  }
  const parameters = Object.fromEntries(Object.entries(state).filter((entry) => !isRemembered(entry)))
  return {
    ...checkParameters(model, parameters as Record<string, Tensor<FloatArray>>),
    ...Object.fromEntries(own.map(([name, { data }]) => [name, data as FloatArray])),
  }
}

function requireVector(name: string, given: Tensor | undefined, size: number): void {
  if (given === undefined || !sameShape(given.shape, [size])) {
    throw new OpsinError('SHAPE', {
      where: `checkpoint "${name}"`,
      expected: showShape([size]),
      got: given === undefined ? 'nothing' : showShape(given.shape),
    })
  }
  if (given.data.every(Number.isFinite)) return
  throw new OpsinError('NOT_FINITE', {
    where: `checkpoint "${name}"`,
    expected: 'finite numbers',
    got: 'NaN or infinity',
  })
}
