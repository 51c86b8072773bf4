import { internal } from '../../core/errors.ts'
import { type Shape, showShape } from '../../core/shape.ts'
import type { Axes, KernelCall, Loop } from '../define.ts'
import { withLength } from './repeat.ts'

// Shorthands for the loop nests of ops; each gives what `axes` of an op is.

type Call = KernelCall<any>
type Nest = (call: Call) => Axes

interface Options {
  /** The inputs in which the op is linear, perhaps by the call. */
  readonly linear?: readonly number[] | ((call: Call) => readonly number[])
}

/**
 * Its rows depend on one another along every axis.
 * @example
 * import { none } from 'opsin/extend'
 * console.assert(none({ attrs: {}, inputs: [[4]], shape: [4] }).output[0] === null)
 */
export const none: Nest = ({ shape }) => ({ output: shape.map(() => null) })

/**
 * Element by element, from inputs that are repeated to the shape of the output.
 * @example
 * import { eachElement } from 'opsin/extend'
 * const { output } = eachElement()({ attrs: {}, inputs: [[4, 3], [3]], shape: [4, 3] })
 * console.assert(String(output[1]?.over) === '1,0')
 */
export function eachElement({ linear, attrs }: Options & { readonly attrs?: AttrsAlong } = {}): Nest {
  return nest(linear, ({ inputs, shape }) => ({
    output: shape.map((length, axis) => {
      const over = inputs.map((input) => {
        const own = axis - (shape.length - input.length)
        return own >= 0 && input[own] === length ? own : null
      })
      return attrs === undefined ? { over } : { over, attrs: (own, rows) => attrs(own, axis, rows) }
    }),
  }))
}

/**
 * Each row of the last axis alone: all other axes are those of every input.
 * @example
 * import { eachRow } from 'opsin/extend'
 * console.assert(eachRow()({ attrs: {}, inputs: [[4, 3]], shape: [4, 3] }).output[1] === null)
 */
export function eachRow(options?: Options): Nest {
  return allBut(({ shape }) => shape.length - 1, options)
}

/**
 * All axes but one are those of every input.
 * @example
 * import { allBut } from 'opsin/extend'
 * const first = allBut(() => 0, { linear: [0] })
 * console.assert(first({ attrs: {}, inputs: [[4, 3]], shape: [4, 3] }).output[0] === null)
 */
export function allBut(tied: (call: Call) => number, { linear }: Options = {}): Nest {
  return nest(linear, (call) => {
    const but = tied(call)
    return { output: call.shape.map((_, axis) => (axis === but ? null : { over: call.inputs.map(() => axis) })) }
  })
}

/** Adds in which inputs an op is linear. */
function nest(linear: Options['linear'], loopsOf: (call: Call) => Omit<Axes, 'linear'>): Nest {
  return (call) => ({ ...loopsOf(call), linear: typeof linear === 'function' ? linear(call) : (linear ?? []) })
}

/** What becomes of attributes where an axis has these rows alone. */
type AttrsAlong = (attrs: any, axis: number, rows: readonly number[]) => object

/** Attributes that are the shape of the output. */
export function withRows<Attrs extends { readonly shape: Shape }>(
  attrs: Attrs,
  axis: number,
  rows: readonly number[],
): Attrs {
  return { ...attrs, shape: withLength(attrs.shape, axis, rows.length) }
}

/** A linear map with an optional third input that is added: only without it there is no constant term. */
export function unlessBiased({ inputs }: Call): readonly number[] {
  return inputs.length === 2 ? [0, 1] : []
}

/**
 * The nest that a formula says, as in an einsum: `loops('b q h d, b k h d -> b h q k')`. Each name is a loop over the axes
 * that bear it, blocks of them where one is longer; a name that the output lacks is summed over. `*` is an axis that every
 * turn reads whole, and in the output one whose rows depend on one another. A name with dots, `r…`, stands for any number
 * of axes. The last inputs may be left out.
 *
 * @param placed by name, for rows whose place matters: the attributes for some of them.
 * @throws OpsinError `INTERNAL`, when it is used, for a formula that does not fit the shapes.
 * @example
 * import { loops } from 'opsin/extend'
 * const product = loops('r… i, i o -> r… o', { linear: [0, 1] })
 * const { summed } = product({ attrs: {}, inputs: [[2, 5, 3], [3, 4]], shape: [2, 5, 4] })
 * console.assert(String(summed) === '2,0')
 */
export function loops(formula: string, { linear, placed = {} }: Options & { readonly placed?: Placed } = {}): Nest {
  const [from, to] = formula.split('->')
  const terms = [to, ...from.split(',')].map((term) => term.trim().split(/\s+/))
  // How many axes each name stands for is all that a call decides.
  const known = new Map<string, Omit<Axes, 'linear'>>()
  return nest(linear, ({ inputs, shape }) => {
    const shapes = [shape, ...inputs]
    const ranks = shapes.map(({ length }) => length).join()
    const found = known.get(ranks) ?? nestOf(spread(formula, terms, shapes), placed)
    known.set(ranks, found)
    return found
  })
}

/** The loops that the names of axes say: those of the output, then those of each input. */
function nestOf([output, ...inputs]: readonly (readonly string[])[], placed: Placed): Omit<Axes, 'linear'> {
  const over = (name: string) => inputs.map((axes) => (axes.includes(name) ? axes.indexOf(name) : null))
  const loop = (name: string): Loop | null => {
    if (name === '*') return null
    const attrs = placed[name]
    return attrs === undefined ? { over: over(name) } : { over: over(name), attrs, placed: true }
  }
  const summed = new Set(inputs.flat().filter((name) => name !== '*' && !output.includes(name)))
  return { output: output.map(loop), summed: [...summed].map(over) }
}

type Placed = Readonly<Record<string, (attrs: any, rows: readonly number[]) => object>>

/** The names of the axes of each shape, with as many in place of a name with dots as there are left. */
function spread(formula: string, terms: readonly (readonly string[])[], shapes: readonly Shape[]): string[][] {
  const counts = new Map<string, number>()
  const isOpen = (name: string) => name.endsWith('…') && !counts.has(name)
  const countOf = (name: string) => (name.endsWith('…') ? (counts.get(name) ?? 0) : 1)
  // The number of one may follow from that of another.
  for (let round = 0; round < terms.length; round++) {
    for (const [i, shape] of shapes.entries()) {
      const open = terms[i]?.filter(isOpen) ?? []
      if (open.length === 1) counts.set(open[0], shape.length - terms[i].reduce((n, name) => n + countOf(name), 0))
    }
  }
  return shapes.map((shape, i) => {
    const names = (terms[i] ?? []).flatMap((name) => {
      if (!name.endsWith('…')) return [name]
      return Array.from({ length: countOf(name) }, (_, n) => (name === '*…' ? '*' : `${name}${n}`))
    })
    if (names.length !== shape.length) throw internal(`loops('${formula}')`, 'a name for each axis', showShape(shape))
    return names
  })
}
