import type { Axes, KernelCall, Loop, OpDef } from '../../src/ops/define.ts'
import type { OpCase } from './op-case.ts'

/** Something wrong that an op might say of its axes; nothing where a use of it has no such entry. */
export interface Change {
  readonly what: string
  readonly to: (axes: Axes, call: KernelCall<any>) => Axes | undefined
}

/** The same use of an op that says something else of its axes; nothing where that would be no other thing. */
export function twinOf(opCase: OpCase, { to }: Change): OpCase | undefined {
  const { op, call } = opCase
  if (to(op.axes(call), call) === undefined) return undefined
  const twin: OpDef = { ...op, axes: (own) => to(op.axes(own), own) ?? op.axes(own) }
  return { ...opCase, op: twin }
}

/** Each entry of an op's axes made wrong in each way. */
export function changesOf(cases: readonly OpCase[]): Change[] {
  const rank = Math.max(...cases.map(({ call }) => call.shape.length))
  const count = Math.max(...cases.map(({ call }) => call.inputs.length))
  const axes = [...Array(rank).keys()]
  const inputs = [...Array(count).keys()]
  return [
    ...axes.flatMap((axis) => [...inputs.flatMap((input) => overChanges(axis, input)), ...loopChanges(axis)]),
    ...inputs.flatMap(inputChanges),
    { what: 'a loop too many', to: (own) => ({ ...own, output: [...own.output, null] }) },
    { what: 'linear in an input that is not there', to: (own, { inputs }) => ({ ...own, linear: [inputs.length] }) },
    {
      what: 'summed over an axis that is not there',
      to: (own, { inputs }) => (inputs.length === 0 ? undefined : { ...own, summed: [inputs.map(() => 9)] }),
    },
  ]
}

function overChanges(axis: number, input: number): Change[] {
  const changed = (what: string, other: (own: number | null, call: KernelCall<any>) => number | null | undefined) => ({
    what: `the loop over axis ${axis} ${what} input ${input}`,
    to: (axes: Axes, call: KernelCall<any>) => {
      const loop = axes.output[axis]
      const own = loop?.over[input]
      if (!loop || own === undefined) return undefined
      const over = other(own, call)
      if (over === undefined || over === own) return undefined
      return withLoop(axes, axis, { ...loop, over: loop.over.map((one, i) => (i === input ? over : one)) })
    },
  })
  const alike = (call: KernelCall<any>, but: number | null) =>
    call.inputs[input].findIndex((length, own) => own !== but && length === call.shape[axis] && length > 1)
  return [
    changed('reads the whole of', (own) => (own === null ? undefined : null)),
    changed('runs over another axis of', (own, call) => {
      const other = alike(call, own)
      return other < 0 ? undefined : other
    }),
  ]
}

function loopChanges(axis: number): Change[] {
  const loopOf = (what: string, other: (loop: Loop) => Loop | undefined): Change => ({
    what: `the loop over axis ${axis} ${what}`,
    to: (axes) => {
      const loop = axes.output[axis]
      const twin = loop ? other(loop) : undefined
      return twin && withLoop(axes, axis, twin)
    },
  })
  return [
    loopOf('forgets an input', (loop) => (loop.over.length ? { ...loop, over: loop.over.slice(1) } : undefined)),
    loopOf('has an input too many', (loop) => ({ ...loop, over: [...loop.over, null] })),
    loopOf('is not placed', ({ placed, ...loop }) => (placed ? loop : undefined)),
    loopOf('has no attributes', ({ attrs, ...loop }) => (attrs ? loop : undefined)),
    {
      what: `a loop over axis ${axis}`,
      to: (axes, { inputs, shape }) => {
        if (axes.output[axis] !== null || shape[axis] < 2) return undefined
        return withLoop(axes, axis, { over: inputs.map((own) => (own[axis] === shape[axis] ? axis : null)) })
      },
    },
  ]
}

function inputChanges(input: number): Change[] {
  return [
    {
      what: `linear in input ${input}`,
      to: (axes, { inputs }) => {
        const { linear = [] } = axes
        return linear.includes(input) || input >= inputs.length ? undefined : { ...axes, linear: [...linear, input] }
      },
    },
    ...[0, 1, 2, 3].map(
      (axis): Change => ({
        what: `summed over axis ${axis} of input ${input}`,
        to: (axes, { inputs }) => {
          const { summed = [] } = axes
          if (!(inputs[input]?.[axis] > 1) || summed.some((over) => over[input] === axis)) return undefined
          return { ...axes, summed: [...summed, inputs.map((_, i) => (i === input ? axis : null))] }
        },
      }),
    ),
  ]
}

function withLoop(axes: Axes, axis: number, loop: Loop): Axes {
  return { ...axes, output: axes.output.map((own, i) => (i === axis ? loop : own)) }
}
