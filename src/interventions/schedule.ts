import { check, notNegative, oneOf, type Rule, requireRecord } from '../core/check.ts'
import { requireKnownFields } from '../core/nearest.ts'
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
  return checkWindow(to === undefined ? { unit, from } : { unit, from, to }, where)
}

const unit = oneOf('sequences', 'steps')

const aWindow: Rule<Window> = {
  expected: `a window {unit: ${unit.expected}, from, to} with 0 ≤ from < to`,
  fits(value) {
    const when = value as Window
    if (!unit.fits(when.unit) || !notNegative.fits(when.from)) return false
    return when.to === undefined || (notNegative.fits(when.to) && when.to > when.from)
  },
}

/** Gives the window back. @throws OpsinError `VALUE` when it is empty or no window. */
export function checkWindow(when: Window, where: string): Window {
  requireKnownFields(where, 'a field of a window', requireRecord(where, when, aWindow.expected), ['unit', 'from', 'to'])
  return check(where, when, aWindow)
}

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
