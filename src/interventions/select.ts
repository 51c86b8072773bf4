import type { Positions } from '../architectures/define.ts'
import { type Axis, isPositionAxis } from '../core/axes.ts'
import { check, form, integer, type Rule, text } from '../core/check.ts'
import { either, titled } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { named } from '../core/nearest.ts'
import { show } from '../core/show.ts'

/** All indices of an axis but these. */
export interface Except {
  readonly except: number | readonly number[]
}

/** Indices from `from` up to, not including, `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Which indices of one axis: one, several, all but some, a range, or a semantic word on axes of positions (`last`,
 * `query`, `labels`, `exemplars`: what the model's inputs make of a sequence). Negative indices count from the end. The
 * order of a list counts where values are read or an array is written: `[1, 0]` is head 1, then head 0.
 */
export type AxisSelection = number | readonly number[] | Except | Range | string

/** Per axis; axes left out are selected whole. */
export type Selection = Readonly<Partial<Record<Axis, AxisSelection>>>

const index: Rule<number> = {
  ...integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  expected: 'an index: a whole number',
}
const indexList = listOf(index, 'a list of indices')
const exceptSome: Rule<Except> = form({ except: either('an index or a list of them', index, indexList) })
const someRange: Rule<Range> = form({ from: index, to: index })

/** A selection on any axis. */
export const axisSelection: Rule<AxisSelection> = titled(
  'selection',
  either('an index, a list of them, except(…), range(…) or a word', index, indexList, text, exceptSome, someRange),
)

/**
 * All indices of an axis but these.
 *
 * @throws OpsinError `VALUE` for a value that is no index.
 * @example
 * import { ablate, at, attentionOnly, except } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * ablate(at(model, 'blocks.1.attn.v', { head: except(3) }))
 */
export function except(...indices: number[]): Except {
  return { except: check('except', indices, indexList) }
}

/**
 * Indices from `from` up to, not including, `to`.
 *
 * @throws OpsinError `VALUE` for a value that is no index.
 * @example
 * import { ablate, at, attentionOnly, range } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * ablate(at(model, 'blocks.1.attn.v', { head: range(0, 4) }))
 */
export function range(from: number, to: number): Range {
  return { from: check('range: from', from, index), to: check('range: to', to, index) }
}

/** Where a selection is read, for its errors. */
export interface AxisContext {
  readonly where: string
  readonly axis: Axis
  readonly size: number
  readonly positions: Positions
}

/**
 * The indices that a selection names, each once, in the order in which it names them; `null` for the whole axis.
 *
 * @throws OpsinError `VALUE` for an index outside the axis, `NAME` for an unknown word, `NO_EFFECT` for none at all.
 */
export function indicesOf(selection: AxisSelection | undefined, context: AxisContext): readonly number[] | null {
  if (selection === undefined) return null
  const indices = [...new Set(indicesNamed(selection, context))]
  if (indices.length === 0) {
    throw new OpsinError('NO_EFFECT', {
      where: context.where,
      expected: `a selection of "${context.axis}" with at least one of its ${context.size} indices`,
      got: show(selection),
    })
  }
  return indices.length === context.size && indices.every((index, i) => index === i) ? null : indices
}

function indicesNamed(selection: AxisSelection, context: AxisContext): number[] {
  if (typeof selection === 'string') return word(selection, context)
  if (typeof selection === 'number') return [inside(selection, context)]
  if (Array.isArray(selection)) return Array.from(selection, (index) => inside(index, context))
  if (isExcept(selection)) {
    const out = new Set([selection.except].flat().map((index) => inside(index, context)))
    return span(0, context.size).filter((index) => !out.has(index))
  }
  if (isRange(selection)) {
    const from = inside(selection.from, context)
    const to = selection.to === context.size ? context.size : inside(selection.to, context)
    return span(from, to)
  }
  throw new OpsinError('VALUE', {
    where: context.where,
    expected: `for "${context.axis}" ${axisSelection.expected}`,
    got: show(selection),
  })
}

function word(name: string, { where, axis, positions }: AxisContext): number[] {
  if (!isPositionAxis(axis)) {
    throw new OpsinError('VALUE', {
      where,
      expected: `numbers for the axis "${axis}"`,
      got: show(name),
      hint: 'Words name positions: they work on pos, query and key.',
    })
  }
  return [...named(where, 'a word for positions in this model', name, positions)]
}

function inside(index: number, { where, axis, size }: AxisContext): number {
  const from = index < 0 ? index + size : index
  if (Number.isInteger(index) && from >= 0 && from < size) return from
  throw new OpsinError('VALUE', {
    where,
    expected: `an index of "${axis}" from 0 to ${size - 1}`,
    got: show(index),
  })
}

function span(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

function isExcept(selection: unknown): selection is Except {
  return exceptSome.fits(selection)
}

function isRange(selection: unknown): selection is Range {
  return someRange.fits(selection)
}
