import type { Sizes } from '../architectures/define.ts'
import type { FreeSize } from './free-sizes.ts'
import type { Constant, LoweredGraph, NodeMessage } from './lower/index.ts'
import { placeOf } from './size-lines.ts'

/**
 * Lets the integers of ops that follow free sizes do so: in place of a constant the op reads `rest + Σ slope · size`, where each size
 * is the length of an input's axis.
 */
export function followSizes(lowered: LoweredGraph, free: readonly FreeSize[], sizes: Sizes): LoweredGraph {
  const following = new Following(lowered, free, sizes)
  const ops = lowered.ops.map((op, i) => ({
    ...op,
    nodes: op.nodes.map((node, n) => ({
      ...node,
      input: (node.input ?? []).map((name, k) => following.in(placeOf(i, n, k), name)),
    })),
  }))
  const constants = new Map([...lowered.constants, ...following.constants])
  return { ...lowered, ops, before: following.nodes, constants }
}

/** The values that follow sizes, each computed once. */
class Following {
  readonly nodes: NodeMessage[] = []
  readonly constants = new Map<string, Constant>()
  readonly #known = new Map<string, string>()

  constructor(
    readonly lowered: LoweredGraph,
    readonly free: readonly FreeSize[],
    readonly sizes: Sizes,
  ) {}

  /** The value that a node reads in place of a constant. */
  in(place: string, constant: string): string {
    const by = this.free.filter(({ slopes }) => slopes.has(place))
    if (by.length === 0) return constant
    const { values, shape } = this.lowered.constants.get(constant) as Constant
    const slopes = by.map((size) => ({ size, slope: size.slopes.get(place) as readonly number[] }))
    const rest = Array.from(values, (value, i) =>
      slopes.reduce((sum, { size, slope }) => sum - slope[i] * this.sizes[size.name], value),
    )
    const name = `following:[${shape}]:${rest}${slopes.map(({ size, slope }) => ` + ${slope} ${size.name}`).join('')}`
    return this.#once(name, () => {
      const terms = slopes.map(({ size, slope }) =>
        this.#node('Mul', [this.#length(size, shape), this.#integers(slope, shape)]),
      )
      return terms.reduce((sum, term) => this.#node('Add', [sum, term]), this.#integers(rest, shape))
    })
  }

  /** How long the axis is from which a size is told, as a vector of one or a scalar. */
  #length({ name, source }: FreeSize, shape: readonly number[]): string {
    const { input, axis } = source as NonNullable<FreeSize['source']>
    return this.#once(`size:${name}[${shape.length}]`, () => {
      const all = this.#once(`shape:${input}`, () => this.#node('Shape', [input]))
      return this.#node('Gather', [all, this.#integers([axis], shape.length === 0 ? [] : [1])])
    })
  }

  #integers(values: readonly number[], shape: readonly number[]): string {
    const name = `following:int64[${shape}]:${values}`
    this.constants.set(name, { type: 'int64', values, shape })
    return name
  }

  #node(opType: string, input: string[]): string {
    const name = `following/${opType}.${this.nodes.length}`
    this.nodes.push({ name, opType, input, output: [name] })
    return name
  }

  #once(key: string, make: () => string): string {
    const known = this.#known.get(key) ?? make()
    this.#known.set(key, known)
    return known
  }
}
