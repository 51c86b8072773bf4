import { readOptions } from '../../core/check.ts'
import { cosOfHalfTurn } from '../../core/exact-math.ts'
import { type RampOptions, rampTable } from './ramp.ts'

export type CosineScheduleOptions = RampOptions

/**
 * A rate that goes from one value to another along half a cosine [Loshchilov and Hutter 2017, without restarts], and
 * stays there.
 *
 * @throws OpsinError `VALUE` for rates or steps outside their range.
 * @example
 * import { adamW, cosineSchedule, warmUpSchedule } from 'opsin'
 * const lr = warmUpSchedule({ steps: 500, before: cosineSchedule({ from: 1e-3, to: 1e-5, steps: 9_500 }) })
 * const optimizer = adamW({ lr, weightDecay: 0.1 })
 */
export function cosineSchedule(options: CosineScheduleOptions) {
  return { kind: 'cosine', ...readOptions('cosineSchedule', options, rampTable) } as const
}

export function cosineAt({ from, to, steps }: ReturnType<typeof cosineSchedule>, step: number): number {
  return step >= steps ? to : to + ((from - to) * (1 + cosOfHalfTurn(step / steps))) / 2
}
