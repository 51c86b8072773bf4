import { check, form, integer, optional, type Rule } from '../core/check.ts'
import { also } from '../core/choice.ts'
import { defined } from '../core/defined.ts'

/**
 * At which steps of the run a group is trained: from `from` (default 0) up to, not including, `to`. With `every`, again
 * in each cycle of so many steps; an end beyond the cycle's goes on into the next one.
 */
export interface Turns {
  readonly every?: number
  readonly from?: number
  /** Default the end: of the cycle, or of the run. */
  readonly to?: number
}

const table = {
  every: optional(integer(2)),
  from: optional(integer(0), 0),
  to: optional(integer(1)),
} satisfies Record<keyof Turns, Rule<any>>

/** Turns that are some of the steps and not all. */
export const someTurns: Rule<Turns> = {
  ...also(form(table) as Rule<Turns>, requireSome, 'turns are some of the steps and not all'),
  fill: (turns) => complete(turns as Turns),
}

function requireSome(turns: Turns): void {
  const { every, from = 0, to = every ?? Number.POSITIVE_INFINITY } = turns
  const length = to - from
  const some =
    every === undefined
      ? length > 0 && (from > 0 || turns.to !== undefined)
      : from < every && length > 0 && length < every
  const expected =
    every === undefined
      ? 'a first step before the last, and one of the two'
      : `some of the ${every} steps of the cycle, and not all`
  check('', turns, { expected, fits: () => some })
}

function complete({ every, from = 0, to = every }: Turns): Turns {
  return defined({ every, from, to })
}

/** Whether a step is among the turns (none are said: all steps are). */
export function isTurn(turns: Turns | undefined, step: number): boolean {
  return turns === undefined || updatesBefore(turns, step + 1) > updatesBefore(turns, step)
}

/** How many steps before this one were among the turns. */
export function updatesBefore(turns: Turns | undefined, step: number): number {
  if (turns === undefined) return step
  const { every, from = 0, to = every ?? Number.POSITIVE_INFINITY } = turns
  const length = to - from
  if (every === undefined) return Math.min(Math.max(0, step - from), length)
  // Counted from a cycle that began before the run did, since its turns may reach into the first steps.
  const counted = (steps: number) => Math.floor(steps / every) * length + Math.min(steps % every, length)
  return counted(step - from + every) - counted(every - from)
}
