import { check, form, notNegative, oneOf, optional, type Rule } from '../core/check.ts'
import { such, titled } from '../core/choice.ts'
import { show } from '../core/show.ts'

/** A window of training, from `from` up to, not including, `to` (default: the end). */
export interface Window {
  readonly unit: 'sequences' | 'steps'
  readonly from: number
  readonly to?: number
}

/** How far training is. */
export interface Progress {
  readonly step: number
  /** Sequences per step. */
  readonly batch: number
}

/**
 * Active from the step at which `from` sequences have been seen until `to` have.
 *
 * @throws OpsinError `VALUE` unless 0 ≤ from < to.
 * @example
 * import { ablate, at, attentionOnly, during } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * ablate(at(model, 'blocks.0.attn.v', { head: 2 }), { when: during(0, 200_000) })
 */
export function during(from: number, to?: number): Window {
  return window('during', 'sequences', from, to)
}

/**
 * Active at steps `from` up to, not including, `to`.
 *
 * @throws OpsinError `VALUE` unless 0 ≤ from < to.
 * @example
 * import { ablate, at, attentionOnly, duringSteps } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * ablate(at(model, 'blocks.0.attn.v', { head: 2 }), { when: duringSteps(100) })
 */
export function duringSteps(from: number, to?: number): Window {
  return window('duringSteps', 'steps', from, to)
}

function window(name: string, unit: Window['unit'], from: number, to: number | undefined): Window {
  const where = `${name}(${show(from)}, ${to === undefined ? 'the end' : show(to)})`
  return check(where, to === undefined ? { unit, from } : { unit, from, to }, aWindow)
}

const unit = oneOf('sequences', 'steps')

const windowForm: Rule<Window> = form(
  { unit, from: notNegative, to: optional(notNegative as Rule<any>) },
  `a window {unit: ${unit.expected}, from, to} with 0 ≤ from < to`,
  'a field of a window',
)

/** A window that opens. */
export const aWindow: Rule<Window> = titled(
  'window',
  such(windowForm, ({ from, to }) => to === undefined || to > from, 'from is below to'),
)

/** The first step at or after a moment that is said in the window's unit. */
export function stepAt(unit: Window['unit'], moment: number, batch: number): number {
  return Math.ceil(unit === 'steps' ? moment : moment / batch)
}

/** Whether a window (none: always) is open at this step. */
export function isOpen(when: Window | undefined, { step, batch }: Progress): boolean {
  if (when === undefined) return true
  const now = when.unit === 'steps' ? step : step * batch
  return now >= when.from && now < (when.to ?? Number.POSITIVE_INFINITY)
}
