/** A value that somebody might hand to a function that wants another. */
export interface Hostile {
  /** As one would write it. */
  readonly text: string
  make(): unknown
  /** No argument of any function may be this: taking it is a fault. */
  readonly impossible?: true
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

function circular(): unknown {
  const own: Record<string, unknown> = {}
  own.own = own
  return own
}

function hole(): unknown {
  const list = new Array(2)
  list[1] = 1
  return list
}

const of = (text: string, make: () => unknown): Hostile => ({ text, make })
const never = (text: string, make: () => unknown): Hostile => ({ text, make, impossible: true })

/** Left out are getters and proxies that throw, since their errors are their owner's. */
export const hostile: readonly Hostile[] = [
  of('undefined', () => undefined),
  of('null', () => null),
  ...[-0, 0, -1, 0.5, 1e308, 2 ** 31, 2 ** 32, 2 ** 53].map((n) => of(Object.is(n, -0) ? '-0' : String(n), () => n)),
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((n) => never(String(n), () => n)),
  ...['', 'x', '0', '__proto__', 'constructor', 'hook_v'].map((s) => of(JSON.stringify(s), () => s)),
  of("'x'.repeat(1e5)", () => 'x'.repeat(1e5)),
  ...[true, false].map((b) => of(String(b), () => b)),
  of('[]', () => []),
  of('{}', () => ({})),
  of('[[]]', () => [[]]),
  of('[null]', () => [null]),
  of('[0]', () => [0]),
  of("['x']", () => ['x']),
  of('[NaN]', () => [Number.NaN]),
  of('[{}]', () => [{}]),
  of('[, 1]', hole),
  of('new Array(1e5)', () => new Array(1e5)),
  never('[[[…]]], 10,000 deep', () => nested(10_000)),
  never('an object that holds itself', circular),
  of('{ __proto__: null }', () => Object.create(null)),
  of('{ toString: null }', () => ({ toString: null })),
  of('{ length: 3 }', () => ({ length: 3 })),
  of('{ from: NaN, to: 2 }', () => ({ from: Number.NaN, to: 2 })),
  of('Object.freeze({})', () => Object.freeze({})),
  of('Object.freeze([])', () => Object.freeze([])),
  of('new Proxy({}, {})', () => new Proxy({}, {})),
  of('new Proxy([], {})', () => new Proxy([], {})),
  of('() => 1', () => () => 1),
  never("Symbol('s')", () => Symbol('s')),
  never('5n', () => 5n),
  never('new Date(0)', () => new Date(0)),
  never('new Map()', () => new Map()),
  never('/x/', () => /x/),
  never('new Number(1)', () => new Number(1)),
  never("new String('x')", () => new String('x')),
  never('Promise.resolve(1)', () => Promise.resolve(1)),
  of('new Float32Array(2)', () => new Float32Array(2)),
  of('new Float64Array([NaN])', () => new Float64Array([Number.NaN])),
  of('new Int32Array(3)', () => new Int32Array(3)),
  of('new Uint8Array(9)', () => new Uint8Array(9)),
  never('new BigInt64Array(2)', () => new BigInt64Array(2)),
  never('new DataView(new ArrayBuffer(8))', () => new DataView(new ArrayBuffer(8))),
]

/** Names that no options have, with some that every object inherits. */
export const strangers = ['unknown', 'x', 'toString', 'constructor', '0', '', 'at ', 'valueOf'] as const
