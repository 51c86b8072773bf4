import type { Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { Shape } from '../core/shape.ts'
import type { InferenceGraph } from './inference-graph.ts'
import type { Dims, LoweredGraph } from './lower/index.ts'

/** What the graph is in ONNX's terms at some sizes. */
interface AtSizes extends InferenceGraph {
  readonly lowered: LoweredGraph
}

/** Which sizes a file leaves free. */
export interface FreeSizes {
  readonly free: readonly string[]
  /** Why the others are fixed: the ops whose form holds them. */
  readonly fixed: Readonly<Record<string, readonly string[]>>
  /** The sizes to write the file at. */
  readonly sizes: Sizes
  /** The axes of an input or output, by name. */
  dims(name: string): Dims
}

/**
 * Finds the sizes that a file may leave free, by lowering the graph at several of them: where no node differs, none knows the
 * size.
 *
 * @param wanted the sizes that must be free; all that can be, if not given.
 * @throws OpsinError `NAME` for a size that the model does not have, `VALUE` naming the ops for one that cannot be free.
 */
export function findFreeSizes(
  sizes: Sizes,
  wanted: readonly string[] | undefined,
  at: (sizes: Sizes) => AtSizes,
): FreeSizes {
  for (const name of wanted ?? []) {
    if (!Object.hasOwn(sizes, name))
      throw unknownName('exportOnnx: free', 'a size of this model', name, Object.keys(sizes))
  }
  const fixed: Record<string, readonly string[]> = {}
  let current = sizes
  const free: string[] = []
  for (const name of wanted ?? Object.keys(sizes)) {
    // At length 1 an axis may be repeated, or be gone.
    const own = { ...current, [name]: Math.max(2, sizes[name]) }
    const differs = difference(at(own), othersOf(own, [name]).map(at))
    if (differs.length === 0) {
      current = own
      free.push(name)
    } else if (wanted === undefined) fixed[name] = differs
    else throw cannotBeFree(name, differs)
  }
  const base = at(current)
  const together = difference(base, othersOf(current, free).map(at))
  if (together.length > 0) throw cannotBeFree(free.join(' and '), together)
  return { free, fixed, sizes: current, dims: dimsOf(current, free, at) }
}

/** The same sizes with some of them longer: by one, and by more than twice. */
function othersOf(sizes: Sizes, names: readonly string[]): Sizes[] {
  return [(n: number) => n + 1, (n: number) => 2 * n + 3].map((longer) => ({
    ...sizes,
    ...Object.fromEntries(names.map((name, i) => [name, longer(sizes[name]) + i])),
  }))
}

/** The nodes whose form differs, as `causal-softmax (blocks.0.attn.pattern)`. */
function difference(base: AtSizes, others: readonly AtSizes[]): string[] {
  const known = base.lowered.ops.map(formOf)
  const different = new Set<string>()
  for (const { lowered } of others) {
    base.lowered.ops.forEach((op, i) => {
      const other = lowered.ops[i]
      if (other === undefined || other.op !== op.op) different.add('the graph itself')
      else if (formOf(other) !== known[i]) different.add(`${op.op} (${labelOf(base, op.id)})`)
    })
    const held = [base.lowered, lowered].map((one) => one.initializers.map(({ name, dims }) => `${name} ${dims}`))
    held[0].forEach((text, i) => {
      if (text !== held[1][i] && !text.startsWith('constant:')) different.add(`input ${text.split(' ')[0]}`)
    })
  }
  return [...different]
}

function formOf({ nodes }: LoweredGraph['ops'][number]): string {
  return JSON.stringify(nodes, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
}

function cannotBeFree(name: string, ops: readonly string[]): OpsinError {
  return new OpsinError('VALUE', {
    where: `exportOnnx: free: ${name}`,
    expected: 'ops whose ONNX form is the same at every size',
    got: ops.slice(0, 8).join(', ') + (ops.length > 8 ? ` and ${ops.length - 8} more` : ''),
    hint: 'Leave it out of `free`: the file then holds the size that it is exported at.',
  })
}

/** Writes the length of an axis as a number, or by the free sizes that it depends on. */
function dimsOf(sizes: Sizes, free: readonly string[], at: (sizes: Sizes) => AtSizes): FreeSizes['dims'] {
  const base = shapesOf(at(sizes))
  const longer = free.map((name) => ({ name, shapes: shapesOf(at({ ...sizes, [name]: sizes[name] + 1 })) }))
  return (value) =>
    (base.get(value) as Shape).map((length, axis) => {
      const by = longer.flatMap(({ name, shapes }) => {
        const slope = (shapes.get(value) as Shape)[axis] - length
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

/** The point that a node computes, or its place in the graph. */
function labelOf({ graph }: AtSizes, id: number): string {
  return Object.keys(graph.points).find((name) => graph.points[name] === id) ?? `node ${id}`
}
