import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { State } from '../backends/program-io.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { sameShape, showShape } from '../core/shape.ts'

/**
 * Parameters as a program's state, once they are known to be the model's own.
 *
 * @throws OpsinError `NAME` for parameters that are missing or not the model's, `SHAPE` for those that do not fit,
 * `NOT_FINITE` for NaN and infinity.
 */
export function checkParameters(model: Model, parameters: Parameters): State {
  const names = model.parameters.map(({ name }) => name)
  for (const name of Object.keys(parameters)) {
    if (!names.includes(name)) throw unknownName('parameters', 'a parameter of this model', name, names)
  }
  for (const { name, shape } of model.parameters) {
    const given = parameters[name]
    if (given === undefined || !sameShape(given.shape, shape)) {
      throw new OpsinError('SHAPE', {
        where: `parameter "${name}"`,
        expected: showShape(shape),
        got: given === undefined ? 'nothing' : showShape(given.shape),
      })
    }
    if (given.data.every(Number.isFinite)) continue
    throw new OpsinError('NOT_FINITE', {
      where: `parameter "${name}"`,
      expected: 'finite numbers',
      got: 'NaN or infinity',
    })
  }
  return Object.fromEntries(names.map((name) => [name, parameters[name].data]))
}
