import { readOptions } from '../../core/check.ts'
import { cosOfHalfTurn } from '../../core/exact-math.ts'
import { type RampOptions, rampTable } from './ramp.ts'

export type CosineOptions = RampOptions

/**
 * A rate that goes from one value to another along half a cosine [Loshchilov and Hutter 2017, without restarts], and
 * stays there.
 *
 * @throws OpsinError `VALUE` for rates or steps outside their range.
 * @example
 * import { adamW, cosine, warmUp } from 'opsin'
 * const lr = warmUp({ steps: 500, before: cosine({ from: 1e-3, to: 1e-5, steps: 9_500 }) })
 * const optimizer = adamW({ lr, weightDecay: 0.1 })
 */
export function cosine(options: CosineOptions) {
  return { kind: 'cosine', ...readOptions('cosine', options, rampTable) } as const
}

export function cosineAt({ from, to, steps }: ReturnType<typeof cosine>, step: number): number {
  return step >= steps ? to : to + ((from - to) * (1 + cosOfHalfTurn(step / steps))) / 2
}
