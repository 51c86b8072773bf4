import type { Shape } from '../../core/shape.ts'
import type { Axes, KernelCall, Loop } from '../define.ts'
import { withLength } from './repeat.ts'

// Shorthands for the loop nests of ops; each gives what `axes` of an op is.

type Call = KernelCall<any>
type Nest = (call: Call) => Axes

interface Options {
  /** The inputs in which the op is linear, perhaps by the call. */
  readonly linear?: readonly number[] | ((call: Call) => readonly number[])
}

/** Its rows depend on one another along every axis. */
export const none: Nest = ({ shape }) => ({ output: shape.map(() => null) })

/** Element by element, from inputs that are repeated to the shape of the output. */
export function eachElement({ linear, attrs }: Options & { readonly attrs?: AttrsAlong } = {}): Nest {
  return nest(linear, ({ inputs, shape }) =>
    shape.map((length, axis) => {
      const over = inputs.map((input) => {
        const own = axis - (shape.length - input.length)
        return own >= 0 && input[own] === length ? own : null
      })
      return attrs === undefined ? { over } : { over, attrs: (own, rows) => attrs(own, axis, rows) }
    }),
  )
}

/** Each row of the last axis alone: all other axes are those of every input. */
export function eachRow(options?: Options): Nest {
  return allBut(({ shape }) => shape.length - 1, options)
}

/** All axes but one are those of every input. */
export function allBut(tied: (call: Call) => number, { linear }: Options = {}): Nest {
  return nest(linear, (call) => {
    const but = tied(call)
    return call.shape.map((_, axis) => (axis === but ? null : { over: call.inputs.map(() => axis) }))
  })
}

function nest(linear: Options['linear'], output: (call: Call) => Axes['output']): Nest {
  return (call) => ({ output: output(call), linear: typeof linear === 'function' ? linear(call) : (linear ?? []) })
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
 * of axes. Inputs that are left out at the end may be.
 *
 * @param placed by name, for rows whose place matters: the attributes for some of them.
 */
export function loops(formula: string, { linear, placed = {} }: Options & { readonly placed?: Placed } = {}): Nest {
  const [from, to] = formula.split('->')
  const terms = from.split(',').map(namesOf)
  const result = namesOf(to)
  return (call) => {
    const [output, ...inputs] = spread([result, ...terms], [call.shape, ...call.inputs])
    const over = (name: string) => inputs.map((axes) => (axes.includes(name) ? axes.indexOf(name) : null))
    const loop = (name: string): Loop | null => {
      if (name === '*') return null
      const attrs = placed[name]
      return attrs === undefined ? { over: over(name) } : { over: over(name), attrs, placed: true }
    }
    const summed = new Set(inputs.flat().filter((name) => name !== '*' && !output.includes(name)))
    return {
      output: output.map(loop),
      summed: [...summed].map(over),
      linear: typeof linear === 'function' ? linear(call) : (linear ?? []),
    }
  }
}

type Placed = Readonly<Record<string, (attrs: any, rows: readonly number[]) => object>>

function namesOf(term: string): string[] {
  return term.trim().split(/\s+/)
}

/** The names of the axes of each shape, with as many in place of a name with dots as there are left. */
function spread(terms: readonly (readonly string[])[], shapes: readonly Shape[]): string[][] {
  const counts = new Map<string, number>()
  const isOpen = (name: string) => name.endsWith('…') && !counts.has(name)
  const countOf = (name: string) => (name.endsWith('…') ? (counts.get(name) ?? 0) : 1)
  // The number of one may follow from that of another.
  for (let round = 0; round < terms.length; round++) {
    for (const [i, shape] of shapes.entries()) {
      const open = terms[i].filter(isOpen)
      if (open.length === 1) counts.set(open[0], shape.length - terms[i].reduce((n, name) => n + countOf(name), 0))
    }
  }
  return shapes.map((_, i) =>
    terms[i].flatMap((name) => {
      if (!name.endsWith('…')) return [name]
      return Array.from({ length: countOf(name) }, (_, n) => (name === '*…' ? '*' : `${name}${n}`))
    }),
  )
}
