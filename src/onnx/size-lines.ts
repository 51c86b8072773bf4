import type { Sizes } from '../architectures/define.ts'
import type { InferenceGraph } from './inference-graph.ts'
import type { Constant, LoweredGraph } from './lower/index.ts'

/** The graph in ONNX form at some sizes. */
export interface AtSizes extends InferenceGraph {
  readonly lowered: LoweredGraph
}

/** A place where a node reads a constant: of which op, which of its nodes, and which input. */
export type Place = string

/** By place: how much each integer of a constant grows with a size. */
export type Slopes = ReadonlyMap<Place, readonly number[]>

/** The reason for a size at which the ops differ. */
export const otherOps = 'other ops at other sizes'

/** How a graph changes from some sizes to others: by how much integers that ops hold, and what changes in any other way. */
interface Change {
  readonly integers: Slopes
  /** Ops by name and place, as `causal-softmax (blocks.0.attn.pattern)`. */
  readonly rest: readonly string[]
}

export function placeOf(op: number, node: number, input: number): Place {
  return `${op}.${node}.${input}`
}

/** Two other sizes to compare with: smaller ones where there are, since a model may have a largest; by one, and by more. */
export function elsewhere(size: number): readonly [near: number, far: number] {
  return size < 5 ? [size + 1, size + 3] : [size - 1, Math.ceil(size / 2)]
}

/**
 * How the integers that ops hold (shapes, indices, ends) follow a size, where they do so along a straight line: those a file can
 * compute from the size. Ops that depend on it in another way are named.
 *
 * @param known the slopes of sizes that are free already, which are free together with this one.
 */
export function slopesOf(
  at: (sizes: Sizes) => AtSizes,
  sizes: Sizes,
  name: string,
  known: ReadonlyMap<string, Slopes>,
): { readonly slopes: Slopes; readonly differs: readonly string[] } {
  const base = at(sizes)
  const [near] = elsewhere(sizes[name])
  const { integers, rest } = changeOf(base, at({ ...sizes, [name]: near }))
  const slopes = new Map([...integers].map(([place, by]) => [place, by.map((change) => change / (near - sizes[name]))]))
  const all = new Map([...known, [name, slopes]])
  const others = [[name], [...all.keys()]].map((names) =>
    Object.fromEntries(names.map((own) => [own, elsewhere(sizes[own])[1]])),
  )
  const off = others.flatMap((other) => {
    const there = { ...sizes, ...other }
    const change = changeOf(base, at(there))
    const expected = (place: Place, i: number) =>
      [...all].reduce((sum, [own, of]) => sum + (of.get(place)?.[i] ?? 0) * (there[own] - sizes[own]), 0)
    return [...change.rest, ...offLine(base, change.integers, expected)]
  })
  return { slopes, differs: [...new Set([...rest, ...off])] }
}

/** Ops whose integers grow by something else than expected. */
function offLine(base: AtSizes, integers: Slopes, expected: (place: Place, i: number) => number): string[] {
  return [...integers].flatMap(([place, by]) =>
    by.every((change, i) => change === expected(place, i)) ? [] : [nameOf(base, Number(place.split('.')[0]))],
  )
}

function changeOf(base: AtSizes, other: AtSizes): Change {
  const [ops, others] = [base.lowered.ops, other.lowered.ops]
  if (ops.length !== others.length || ops.some(({ op }, i) => op !== others[i].op)) {
    return { integers: new Map(), rest: [otherOps] }
  }
  const integers = new Map<Place, readonly number[]>()
  const rest = ops.flatMap((_, i) => (changeOfOp(base, other, i, integers) ? [] : [nameOf(base, i)]))
  return { integers, rest: [...rest, ...changedInputs(base.lowered, other.lowered)] }
}

/** Notes by how much the integers of an op change. Gives whether nothing else does. */
function changeOfOp(base: AtSizes, other: AtSizes, i: number, integers: Map<Place, readonly number[]>): boolean {
  const [own, there] = [base, other].map(({ lowered }) => lowered.ops[i].nodes)
  return (
    own.length === there.length &&
    own.every((node, n) => {
      const [a, b] = [node, there[n]]
      if (textOf({ ...a, input: [] }) !== textOf({ ...b, input: [] }) || a.input?.length !== b.input?.length)
        return false
      return (a.input ?? []).every((name, k) => {
        const name2 = b.input?.[k] as string
        if (name === name2) return true
        const by = difference(base.lowered.constants.get(name), other.lowered.constants.get(name2))
        if (by !== undefined) integers.set(placeOf(i, n, k), by)
        return by !== undefined
      })
    })
  )
}

/** By how much each integer of a constant is more in another; nothing where they are no integers, or not as many. */
function difference(a: Constant | undefined, b: Constant | undefined): number[] | undefined {
  if (a?.type !== 'int64' || b?.type !== 'int64' || a.shape.join() !== b.shape.join()) return undefined
  return Array.from(a.values, (value, i) => b.values[i] - value)
}

function textOf(node: object): string {
  return JSON.stringify(node, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** Inputs that the file holds, such as weights of positions, of other shapes. */
function changedInputs(base: LoweredGraph, other: LoweredGraph): string[] {
  const [held, there] = [base, other].map(({ initializers }) =>
    initializers.map(({ name, dims }) => `${name} [${dims?.join(', ')}]`),
  )
  return held.filter((text, i) => text !== there[i]).map((text) => `the input ${text}, which the file holds`)
}

/** An op by its name and the point that it computes, or its place in the graph. */
function nameOf({ graph, lowered }: AtSizes, i: number): string {
  const { op, id } = lowered.ops[i]
  return `${op} (${Object.keys(graph.points).find((name) => graph.points[name] === id) ?? `node ${id}`})`
}
