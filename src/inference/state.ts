import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { State } from '../backends/program-io.ts'
import { requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { type Shape, sameShape, showShape } from '../core/shape.ts'
import { requireTensor, type Tensor } from '../core/tensor.ts'

/**
 * Parameters as a program's state, once they are known to be the model's own.
 *
 * @throws OpsinError `NAME` for parameters that are not the model's, `VALUE` for a value that is no tensor, `SHAPE` for those
 * that are missing or do not fit, `DTYPE` for integers, `NOT_FINITE` for NaN and infinity.
 */
export function checkParameters(model: Model, parameters: Parameters): State {
  requireRecord('parameters', parameters, 'tensors by the names of parameters')
  const names = model.parameters.map(({ name }) => name)
  requireKnownFields('parameters', 'a parameter of this model', parameters, names)
  return Object.fromEntries(
    model.parameters.map(({ name, shape }) => [name, floatsOf(`parameter "${name}"`, parameters[name], shape)]),
  )
}

/** The numbers of a tensor of this shape that a program can start from. @throws OpsinError as {@link checkParameters}. */
export function floatsOf(where: string, given: Tensor | undefined, shape: Shape): State[string] {
  if (given === undefined) throw new OpsinError('SHAPE', { where, expected: showShape(shape), got: 'nothing' })
  const { data, shape: own } = requireTensor(where, given)
  if (!sameShape(own, shape)) {
    throw new OpsinError('SHAPE', { where, expected: showShape(shape), got: showShape(own) })
  }
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new OpsinError('DTYPE', { where, expected: 'floats', got: 'integers' })
  }
  if (data.every(Number.isFinite)) return data
  throw new OpsinError('NOT_FINITE', { where, expected: 'finite numbers', got: 'NaN or infinity' })
}
