import { philox, streams } from '../../src/core/rng.ts'
import { type Hostile, hostile, strangers } from './pool.ts'

/** One change that was made to arguments. */
export interface Mutation {
  /** How one would write it: `args[0].seeds = 0.5`. */
  readonly text: string
  /** Whether a function that goes on as if nothing were wrong is at fault. */
  readonly mustFail: boolean
}

type Container = Record<string | number, unknown>

interface Place {
  readonly parent: Container
  readonly key: string | number
  readonly path: string
  /** Below a model, a task and the like: what a user gets whole, and hands on. */
  readonly inside: boolean
}

/** What the library makes and a user hands on, as they say themselves: those that have functions among their fields. */
function isSealed(value: unknown): boolean {
  return isPlain(value) && Object.values(value).some((field) => typeof field === 'function')
}

/** Decides by the number of a case what is done to the arguments of a call. */
export class Mutator {
  readonly #random = philox(0, streams.noise)
  #drawn = 0

  constructor(readonly number: number) {}

  below(n: number): number {
    return Math.floor(this.#random.uniform(this.number, 0, this.#drawn++) * n)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  /** Changes a copy of the arguments here and there. */
  mutate(args: readonly unknown[]): { args: unknown[]; mutations: Mutation[] } {
    const root = { args: this.#copy(args) as unknown[] }
    const mutations = [this.#change(root.args)]
    if (root.args.length === 0 || this.below(4) > 0) return { args: root.args, mutations }
    // The second change may undo the first, so that it alone has to be noticed.
    return { args: root.args, mutations: [{ ...mutations[0], mustFail: false }, this.#change(root.args)] }
  }

  /** Plain objects and lists are copied, so that what is changed is the case's own; all else is shared. */
  #copy(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#copy(item))
    if (!isPlain(value)) return value
    if (isSealed(value)) return { ...value }
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.#copy(field)]))
  }

  #change(args: unknown[]): Mutation {
    const places = placesIn(args as unknown as Container, 'args')
    const outside = places.filter(({ inside }) => !inside)
    const place = this.pick(this.below(8) === 0 ? places : outside)
    const value = place.parent[place.key]
    const kind = this.below(12)
    if (kind === 0) return remove(place)
    if (kind === 1 && isPlain(value) && Object.isExtensible(value) && !isSealed(value))
      return this.#stranger(place, value as Container)
    if (kind === 2 && Array.isArray(value) && Object.isExtensible(value) && value.length > 0)
      return duplicate(place, value)
    if (kind < 5 && isNumbers(value)) return this.#numbers(place, value)
    return replace(place, this.pick(hostile))
  }

  #stranger({ parent, key, path, inside }: Place, object: Container): Mutation {
    const name = this.pick(strangers)
    // A copy: what is inside a model or a task all cases share.
    parent[key] = { ...object, [name]: 1 }
    // A tensor is known by its fields; what else is there is nobody's business. Tables are by names of one's own.
    const isOptions = !('data' in object)
    return { text: `${path}[${JSON.stringify(name)}] = 1`, mustFail: isOptions && !inside }
  }

  #numbers({ parent, key, path }: Place, data: Float32Array): Mutation {
    const makers = [Float32Array, Float64Array, Int32Array, Uint8Array, Array] as const
    if (this.below(2) === 0) {
      const Maker: { readonly name: string; from(data: ArrayLike<number>): unknown } = this.pick(makers)
      parent[key] = Maker.from(data)
      return { text: `${path} = ${Maker.name}.from(${path})`, mustFail: false }
    }
    const [index, value] = [this.below(data.length), this.pick([Number.NaN, 1e308, -1, 1e9, Number.POSITIVE_INFINITY])]
    const changed = data.slice()
    changed[index] = value
    parent[key] = changed
    return { text: `${path}[${index}] = ${value}`, mustFail: false }
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function isNumbers(value: unknown): value is Float32Array {
  return [Float32Array, Float64Array, Int32Array, Uint8Array].some((kind) => value instanceof kind)
}

/** Arguments are no deeper than this; what was put in their place may be. */
const DEEPEST = 7

function placesIn(parent: Container, path: string, depth = 0, inside = false): Place[] {
  return Object.keys(parent).flatMap((key): Place[] => {
    const at = /^\d+$/.test(key) ? `${path}[${key}]` : `${path}[${JSON.stringify(key)}]`
    const value = parent[key]
    const isOpen = depth < DEEPEST && !inside && (Array.isArray(value) || isPlain(value)) && Object.isExtensible(value)
    const below = isOpen ? placesIn(value as Container, at, depth + 1, isSealed(value)) : []
    return [{ parent, key, path: at, inside }, ...below]
  })
}

function remove({ parent, key, path }: Place): Mutation {
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
  return { text: `delete ${path}`, mustFail: false }
}

function duplicate({ parent, key, path }: Place, list: unknown[]): Mutation {
  parent[key] = [...list, list[0]]
  return { text: `${path}.push(${path}[0])`, mustFail: false }
}

function replace({ parent, key, path, inside }: Place, { text, make, impossible }: Hostile): Mutation {
  parent[key] = make()
  return { text: `${path} = ${text}`, mustFail: impossible === true && !inside }
}
