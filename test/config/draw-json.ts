/** Random JSON by a JSON schema, and changes of it that may no longer fit. */
type Schema = Readonly<Record<string, any>>

/** Numbers from 0 to 1, by a seed. [mulberry32] */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

const words = ['blocks.0.attn.scores', 'clean', 'x/y', 'last', '', 'A b', '0:1', 'train']
const junk = [
  null,
  true,
  -1,
  0,
  0.5,
  2,
  1e9,
  1e300,
  '',
  'x',
  'x/y',
  [],
  [0],
  [[1]],
  [''],
  {},
  { kind: 'x' },
  { from: 0 },
]

export class JsonDraw {
  constructor(
    private readonly root: Schema,
    private readonly next: () => number,
  ) {}

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]
  }

  /** A value that most likely fits. */
  value(schema: Schema = this.root): unknown {
    if (schema.$ref !== undefined) return this.value(this.root.$defs[decodeURIComponent(schema.$ref.slice(8))])
    if ('const' in schema) return schema.const
    if (schema.enum !== undefined) return this.pick(schema.enum)
    if (schema.anyOf !== undefined) return this.value(this.pick(schema.anyOf as Schema[]))
    if (schema.type === 'array') return this.list(schema)
    if (schema.type === 'object') return this.object(schema)
    if (schema.type === 'string') return this.pick(words.filter((word) => new RegExp(schema.pattern ?? '').test(word)))
    if (schema.type === 'boolean') return this.next() < 0.5
    if (schema.type === 'integer') return Math.max(schema.minimum, 0) + Math.floor(this.next() * 4)
    if (schema.type === 'number') return this.next() * (schema.maximum ?? schema.exclusiveMaximum ?? 3) || 0.5
    return null
  }

  private list({ items, prefixItems, minItems = 0 }: Schema): unknown[] {
    if (prefixItems !== undefined) return prefixItems.map((one: Schema) => this.value(one))
    return Array.from({ length: minItems + Math.floor(this.next() * 3) }, () => this.value(items ?? {}))
  }

  private object({ properties = {}, required = [], additionalProperties }: Schema): object {
    const asked = Object.keys(properties).filter((name) => required.includes(name) || this.next() < 0.3)
    const named = asked.map((name) => [name, this.value(properties[name])])
    const free = typeof additionalProperties === 'object' ? [['any', this.value(additionalProperties)]] : []
    return Object.fromEntries([...named, ...free])
  }

  /** The same document with one place changed: a key that does not exist or is another's, one that goes, or another value. */
  changed(document: unknown): unknown {
    const copy = structuredClone(document)
    const places: [any, string | number][] = []
    const walk = (node: any) => {
      for (const key of Array.isArray(node) ? node.keys() : Object.keys(node)) {
        places.push([node, key])
        if (typeof node[key] === 'object' && node[key] !== null) walk(node[key])
      }
    }
    walk(copy)
    const [node, key] = this.pick(places)
    const [otherNode, otherKey] = this.pick(places)
    const change = this.next()
    if (typeof node[key] === 'boolean') node[key] = !node[key]
    else if (change < 0.1 && !Array.isArray(node)) node[otherKey] = structuredClone(otherNode[otherKey])
    else if (change < 0.2 && !Array.isArray(node)) node[`${key}x`] = node[key]
    else if (change < 0.4 && !Array.isArray(node)) delete node[key]
    else if (change < 0.6 && typeof node[key] === 'string') node[key] = `${node[key]}x`
    else if (change < 0.8 && typeof node[key] === 'number') node[key] = this.pick([-node[key], node[key] + 0.5, 1e10])
    else node[key] = this.pick(junk)
    return copy
  }
}
