import { integer, type Rule, requireObject } from '../../core/check.ts'
import { named } from '../../core/nearest.ts'

/** How each kind of schedule is made from its options, and its value at a step (0 is the first). */
export type ScheduleKinds = Readonly<
  Record<string, { make(options: any): { readonly kind: string }; at(schedule: any, step: number): number }>
>

export type ScheduleOf<Kinds extends ScheduleKinds> = ReturnType<Kinds[keyof Kinds]['make']>

/** A length of time, in steps of the run. */
export const someSteps: Rule<number> = { ...integer(1), expected: 'a positive integer, of steps' }

/** A schedule from its JSON. @throws OpsinError `NAME` for a kind or an option that does not exist; `VALUE` for the rest. */
export function scheduleFrom<Kinds extends ScheduleKinds>(where: string, value: unknown, kinds: Kinds) {
  const { kind, ...options } = requireObject(where, value, 'a schedule {kind, …options}')
  return named(`${where}: kind`, 'a schedule', kind, kinds).make(options) as ScheduleOf<Kinds>
}
