import { requireObject } from '../../core/check.ts'
import { type FloatArray, floatArray, type Precision } from '../../core/dtype.ts'
import { named } from '../../core/nearest.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Drawn, InitializerKind } from './define.ts'
import { given, givenKind } from './given.ts'
import { identity, identityKind } from './identity.ts'
import { normal, normalKind } from './normal.ts'
import { ones, onesKind } from './ones.ts'
import { orthogonal, orthogonalKind } from './orthogonal.ts'
import { shares, sharesKind } from './shares.ts'
import { torchLinear, torchLinearKind } from './torch-linear.ts'
import { truncatedNormal, truncatedNormalKind } from './truncated-normal.ts'
import { uniform, uniformKind } from './uniform.ts'
import { varianceScaling, varianceScalingKind } from './variance-scaling.ts'
import { zeros, zerosKind } from './zeros.ts'

const kinds = {
  zeros: zerosKind,
  ones: onesKind,
  normal: normalKind,
  'truncated-normal': truncatedNormalKind,
  uniform: uniformKind,
  'variance-scaling': varianceScalingKind,
  'torch-linear': torchLinearKind,
  shares: sharesKind,
  orthogonal: orthogonalKind,
  identity: identityKind,
  given: givenKind,
} as const

/** How a parameter starts, as plain JSON. Random numbers come from the seed and the parameter's place in the model. */
export type Initializer = ReturnType<(typeof kinds)[keyof typeof kinds]['make']>

/**
 * Ways in which parameters start. A model says of each which it is; `initialize` draws them.
 *
 * @example
 * import { attentionOnly, initialize, initializers } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const small = initializers.normal({ deviation: 1e-3 })
 * const changed = { ...model, parameters: model.parameters.map((one) => ({ ...one, initializer: small })) }
 * const parameters = initialize(changed, 5)
 */
export const initializers = {
  zeros,
  ones,
  normal,
  truncatedNormal,
  uniform,
  varianceScaling,
  torchLinear,
  shares,
  orthogonal,
  identity,
  given,
} as const

/**
 * The numbers that a parameter starts with.
 *
 * @throws OpsinError `NAME` for a kind or an option that does not exist, `VALUE` for options that make no sense, `SHAPE`
 * for a parameter that is not of the shape that its initializer is for.
 */
export function drawInitial(initializer: Initializer, parameter: Drawn, precision: Precision): FloatArray {
  const { kind, ...options } = requireObject('initializer', initializer, 'an object {kind, …options}')
  const { make, fill } = named<InitializerKind<any>>('initializer: kind', 'an initializer', kind, kinds)
  const values = floatArray(precision, sizeOf(parameter.shape))
  fill(values, make(options), parameter)
  return values
}

export { ones } from './ones.ts'
export { leCunNormal } from './truncated-normal.ts'
export { zeros } from './zeros.ts'
