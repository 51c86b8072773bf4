import type { Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import type { Shape } from '../core/shape.ts'
import type { Dims } from './lower/index.ts'
import { type AtSizes, elsewhere, type Slopes, slopesOf } from './size-lines.ts'

/** A size that each run chooses. */
export interface FreeSize {
  readonly name: string
  /** The integers of ops that follow it. */
  readonly slopes: Slopes
  /** An input that has an axis of this length; not there where no input has, nor any op needs one. */
  readonly source?: { readonly input: string; readonly axis: number } | undefined
}

/** Which sizes a file leaves free. */
export interface FreeSizes {
  readonly free: readonly FreeSize[]
  /** Why the others are fixed: the ops whose form holds them. */
  readonly fixed: Readonly<Record<string, readonly string[]>>
  /** The sizes to write the file at. */
  readonly sizes: Sizes
  /** The axes of an input or output, by name. */
  dims(name: string): Dims
}

/**
 * Finds the sizes that a file may leave free, by lowering the graph at several of them: where nothing differs but integers along
 * straight lines, the file can compute those from the length of an input.
 *
 * @param names the sizes that are to be free.
 */
export function findFreeSizes(sizes: Sizes, names: readonly string[], at: (sizes: Sizes) => AtSizes): FreeSizes {
  const fixed: Record<string, readonly string[]> = {}
  const free: FreeSize[] = []
  let current = sizes
  for (const name of names) {
    // At length 1 an axis may be repeated, or be gone.
    const longer = { ...current, [name]: Math.max(2, sizes[name]) }
    const found = tryFree(at, longer, name, free)
    if (Array.isArray(found)) {
      fixed[name] = found
      continue
    }
    current = longer
    free.push(found as FreeSize)
  }
  return { free, fixed, sizes: current, dims: dimsOf(current, free, at) }
}

/** The size as one that is free, or why it cannot be. */
function tryFree(
  at: (sizes: Sizes) => AtSizes,
  sizes: Sizes,
  name: string,
  free: readonly FreeSize[],
): FreeSize | readonly string[] {
  try {
    const known = new Map(free.map((one) => [one.name, one.slopes]))
    const { slopes, differs } = slopesOf(at, sizes, name, known)
    if (differs.length > 0) return differs
    const source = sourceOf(at, sizes, name)
    return slopes.size > 0 && source === undefined ? ['no input that is read tells it'] : { name, slopes, source }
  } catch (error) {
    // A model may have a longest sequence, an intervention a place in the batch.
    if (error instanceof OpsinError) return [error.message]
    throw error
  }
}

function sourceOf(at: (sizes: Sizes) => AtSizes, sizes: Sizes, name: string): FreeSize['source'] {
  const [near] = elsewhere(sizes[name])
  const there = shapesOf(at({ ...sizes, [name]: near }))
  for (const { name: input, shape, feeder } of at(sizes).lowered.takes) {
    const axis = shape.findIndex((n, i) => n === sizes[name] && there.get(input)?.[i] === near)
    if (axis >= 0 && feeder !== 'given') return { input, axis }
  }
  return undefined
}

/** Writes the length of an axis as a number, or by the free sizes that it depends on. */
function dimsOf(sizes: Sizes, free: readonly FreeSize[], at: (sizes: Sizes) => AtSizes): FreeSizes['dims'] {
  const base = shapesOf(at(sizes))
  const others = free.map(({ name }) => {
    const [near] = elsewhere(sizes[name])
    return { name, by: near - sizes[name], shapes: shapesOf(at({ ...sizes, [name]: near })) }
  })
  return (value) =>
    (base.get(value) as Shape).map((length, axis) => {
      const by = others.flatMap(({ name, by, shapes }) => {
        const slope = ((shapes.get(value) as Shape)[axis] - length) / by
        return slope === 0 ? [] : [{ name, slope }]
      })
      if (by.length === 0) return length
      if (by.length > 1) return by.map(({ name }) => name).join('*')
      const [{ name, slope }] = by
      const rest = length - slope * sizes[name]
      return `${slope === 1 ? '' : `${slope}*`}${name}${rest === 0 ? '' : rest > 0 ? ` + ${rest}` : ` - ${-rest}`}`
    })
}

/** Shapes of inputs and outputs, by name. */
function shapesOf({ graph, outputs, lowered }: AtSizes): Map<string, Shape> {
  const ofOutputs = Object.entries(outputs).map(([name, id]) => [name, graph.nodes[id].shape] as const)
  return new Map([...lowered.takes.map(({ name, shape }) => [name, shape] as const), ...ofOutputs])
}
