import { oneOf, optional, positive, type Rule, readOptions } from '../../core/check.ts'
import { fansOf, type InitializerKind } from './define.ts'
import { fillNormal } from './normal.ts'
import { fillTruncatedNormal, TRUNCATED_DEVIATION } from './truncated-normal.ts'
import { fillUniform } from './uniform.ts'

export interface VarianceScalingOptions {
  /** Default 1. */
  readonly scale?: number
  /** The divisor of the scale: inputs, outputs, or the mean of both; default `fan_in`. */
  readonly mode?: 'fan_in' | 'fan_out' | 'fan_avg'
  /** Default `truncated-normal`, cut at two standard deviations. */
  readonly distribution?: 'truncated-normal' | 'normal' | 'uniform'
}

const table = {
  scale: optional(positive, 1),
  mode: optional(oneOf('fan_in', 'fan_out', 'fan_avg'), 'fan_in'),
  distribution: optional(oneOf('truncated-normal', 'normal', 'uniform'), 'truncated-normal'),
} satisfies Record<keyof VarianceScalingOptions, Rule<any>>

/**
 * Drawn around 0 with variance scale / fan, for a matrix [in, out]; as in JAX and Keras. Scale 1 of `fan_in` is LeCun's,
 * of `fan_avg` Glorot's; scale 2 of `fan_in` is He's.
 *
 * @throws OpsinError `VALUE` for options outside their range; `SHAPE` for a parameter that is no matrix.
 * @example
 * import { initializers } from 'opsin'
 * const glorot = initializers.varianceScaling({ mode: 'fan_avg', distribution: 'uniform' })
 * const he = initializers.varianceScaling({ scale: 2, distribution: 'normal' })
 */
export function varianceScaling(options: VarianceScalingOptions = {}) {
  return { kind: 'variance-scaling', ...readOptions('varianceScaling', options, table) } as const
}

export const varianceScalingKind: InitializerKind<ReturnType<typeof varianceScaling>> = {
  make: varianceScaling,
  fill(values, { scale, mode, distribution }, parameter) {
    const { fanIn, fanOut } = fansOf(parameter.shape)
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode]
    const deviation = Math.sqrt(scale / fan)
    const bound = Math.sqrt(3) * deviation
    if (distribution === 'normal') fillNormal(values, deviation, 0, parameter)
    else if (distribution === 'uniform') fillUniform(values, -bound, bound, parameter)
    else fillTruncatedNormal(values, deviation / TRUNCATED_DEVIATION, parameter)
  },
}
