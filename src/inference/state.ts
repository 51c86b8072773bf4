import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { State } from '../backends/program-io.ts'
import type { FloatArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { type Shape, sameShape, showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { allFinite } from './inputs.ts'

/**
 * Parameters as a program's state, once they are known to be the model's own.
 *
 * @throws OpsinError `NAME` for parameters that are not the model's; see {@link requireFloats} for those that are.
 */
export function checkParameters(model: Model, parameters: Parameters): State {
  const names = model.parameters.map(({ name }) => name)
  for (const name of Object.keys(parameters ?? {})) {
    if (!names.includes(name)) throw unknownName('parameters', 'a parameter of this model', name, names)
  }
  return Object.fromEntries(
    model.parameters.map(({ name, shape }) => [name, requireFloats(`parameter "${name}"`, parameters?.[name], shape)]),
  )
}

/**
 * The numbers of a tensor.
 *
 * @throws OpsinError `SHAPE` for one that is missing or of another shape, `DTYPE` for what are no floats, `NOT_FINITE`
 * for NaN and infinity.
 */
export function requireFloats(where: string, given: Tensor | undefined, shape: Shape): FloatArray {
  const { shape: own, data } = given ?? ({} as Partial<Tensor>)
  if (!Array.isArray(own) || !sameShape(own, shape)) {
    const got = Array.isArray(own) ? showShape(own) : 'nothing'
    throw new OpsinError('SHAPE', { where, expected: showShape(shape), got })
  }
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new OpsinError('DTYPE', {
      where,
      expected: 'floats (Float32Array or Float64Array)',
      got: data?.constructor.name ?? 'nothing',
    })
  }
  if (data.length !== sizeOf(shape)) {
    throw new OpsinError('SHAPE', { where, expected: `${sizeOf(shape)} elements`, got: String(data.length) })
  }
  if (allFinite(data)) return data
  throw new OpsinError('NOT_FINITE', { where, expected: 'finite numbers', got: 'NaN or infinity' })
}
