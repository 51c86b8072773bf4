import { readOptions } from '../../core/check.ts'
import { type RampOptions, rampTable } from './ramp.ts'

export type LinearScheduleOptions = RampOptions

/**
 * A rate that goes from one value to another along a straight line, and stays there.
 *
 * @throws OpsinError `VALUE` for rates or steps outside their range.
 * @example
 * import { adam, linearSchedule } from 'opsin'
 * const optimizer = adam({ lr: linearSchedule({ from: 1e-3, to: 1e-5, steps: 10_000 }) })
 */
export function linearSchedule(options: LinearScheduleOptions) {
  return { kind: 'linear', ...readOptions('linearSchedule', options, rampTable) } as const
}

export function linearAt({ from, to, steps }: ReturnType<typeof linearSchedule>, step: number): number {
  return step >= steps ? to : from + (to - from) * (step / steps)
}
