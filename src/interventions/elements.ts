import { type Axis, isPositionAxis } from '../core/axes.ts'

/** Attention edges that a selection per axis cannot express. */
export type Edges = 'previous-token'

/** Elements of a hook point's value: on each axis some indices, and of the edges from query to key perhaps not all. */
export interface Elements {
  readonly axes: readonly Axis[]
  /** By axis. */
  readonly indices: readonly (readonly number[])[]
  /** Which of the edges that the indices name; all if not given. */
  readonly edge?: ((query: number, key: number) => boolean) | undefined
}

/** How one value is read for another: by axis, the index read for each index written. */
export type ReadIndex = (axis: number, written: number) => number

/** Which edges a name stands for; the causal mask hides those to later keys. */
export function edgeRule(edges: Edges | undefined, causal: boolean): Elements['edge'] {
  if (edges === undefined && !causal) return undefined
  return (query, key) => (edges === undefined || key === query - 1) && (!causal || key <= query)
}

/** How many there are. */
export function countElements(elements: Elements): number {
  const { axes, indices, edge } = elements
  return indices.reduce(
    (count, list, axis) => (edge !== undefined && isEdgeAxis(axes[axis]) ? count : count * list.length),
    edge === undefined ? 1 : edgesOf(elements).length,
  )
}

/** Whether two sets of elements of the same point have one in common. */
export function meet(a: Elements, b: Elements): boolean {
  const common = a.indices.map((list, axis) => list.filter((index) => b.indices[axis].includes(index)))
  if (common.some((list) => list.length === 0)) return false
  if (a.edge === undefined && b.edge === undefined) return true
  const edge = (query: number, key: number) => (a.edge?.(query, key) ?? true) && (b.edge?.(query, key) ?? true)
  return edgesOf({ axes: a.axes, indices: common, edge }).length > 0
}

/** The elements that are read where these are written. */
export function elementsRead(written: Elements, readIndex: ReadIndex): Elements {
  const { axes, indices, edge } = written
  const read = indices.map((list, axis) => [...new Set(list.map((index) => readIndex(axis, index)))])
  if (edge === undefined) return { axes, indices: read }
  const [queryAxis, keyAxis] = edgeAxes(axes)
  const edges = edgesOf(written).map(([query, key]) => `${readIndex(queryAxis, query)},${readIndex(keyAxis, key)}`)
  const known = new Set(edges)
  return { axes, indices: read, edge: (query, key) => known.has(`${query},${key}`) }
}

/** The edges [query, key] among the elements. */
export function edgesOf({ axes, indices, edge }: Elements): [number, number][] {
  const [queryAxis, keyAxis] = edgeAxes(axes)
  const all = indices[queryAxis].flatMap((query) => indices[keyAxis].map((key): [number, number] => [query, key]))
  return edge === undefined ? all : all.filter(([query, key]) => edge(query, key))
}

function edgeAxes(axes: readonly Axis[]): [number, number] {
  return [axes.indexOf('query'), axes.indexOf('key')]
}

function isEdgeAxis(axis: Axis): boolean {
  return isPositionAxis(axis) && axis !== 'pos'
}
