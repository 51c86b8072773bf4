import { integer, type OptionTable, type Rule } from '../../core/check.ts'
import { kindOf } from '../../core/choice.ts'

/** A kind of schedule: its options, the function that makes one of them, and its value at a step (0 is the first). */
export interface ScheduleKind {
  readonly table: OptionTable
  make(options: any): { readonly kind: string }
  at(schedule: any, step: number): number
}

export type ScheduleKinds = Readonly<Record<string, ScheduleKind>>

export type ScheduleOf<Kinds extends ScheduleKinds> = ReturnType<Kinds[keyof Kinds]['make']>

/** A length of time, in steps of the run. */
export const someSteps: Rule<number> = { ...integer(1), expected: 'a positive integer, of steps' }

/** A schedule of one of some kinds, as JSON. */
export function aScheduleOf<Kinds extends ScheduleKinds>(kinds: Kinds): Rule<ScheduleOf<Kinds>> {
  return kindOf('kind', 'a schedule', kinds)
}
