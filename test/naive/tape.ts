// Eager arithmetic in f64 that remembers who reads what: a gradient is the sum of what its readers' gradients make of it.

/** An array, row-major. */
export interface Value {
  readonly shape: readonly number[]
  readonly data: Float64Array
  /** Who reads it, and what the reader's gradient says about it. */
  readonly readers: { readonly reader: Value; readonly part: (gradient: Float64Array) => Float64Array }[]
  /** What to make of the gradient before it goes on. */
  hook?: (gradient: Float64Array) => Float64Array
}

/** What a value is computed from, and what its gradient says about each. */
type From = readonly (readonly [Value, (gradient: Float64Array) => Float64Array])[]

/** A value that comes from nowhere. */
export function leaf(shape: readonly number[], data: ArrayLike<number>): Value {
  return computed(shape, Float64Array.from(data), [])
}

/** Gradients of a scalar, each computed when it is first asked for. */
export function gradientsOf(loss: Value): (value: Value) => Float64Array {
  const known = new Map<Value, Float64Array>()
  const open = new Set<Value>()
  const of = (value: Value): Float64Array => {
    const done = known.get(value)
    if (done !== undefined) return done
    if (open.has(value)) throw new CircularGradient()
    open.add(value)
    const sum = new Float64Array(value.data.length).fill(value === loss ? 1 : 0)
    for (const { reader, part } of value.readers) {
      part(of(reader)).forEach((d, i) => {
        sum[i] += d
      })
    }
    const gradient = value.hook?.(sum) ?? sum
    open.delete(value)
    known.set(value, gradient)
    return gradient
  }
  return of
}

/** A value that depends on itself. */
export class Circular extends Error {}

/**
 * A gradient that does. A limit of the interpreter: it sums a gradient up even where it is then written as a whole, so it
 * sees circles that are none.
 */
export class CircularGradient extends Circular {}

/** Sums of products over named axes: 'bpd,dm->bpm'. */
export function einsum(spec: string, a: Value, b: Value): Value {
  const [lettersA, lettersB, output] = spec.split(/,|->/)
  const letters = [...new Set(lettersA + lettersB)]
  const sizes = letters.map((letter) =>
    lettersA.includes(letter) ? a.shape[lettersA.indexOf(letter)] : b.shape[lettersB.indexOf(letter)],
  )
  const shape = [...output].map((letter) => sizes[letters.indexOf(letter)])
  const [strideA, strideB, strideO] = [
    letters.map((letter) => strideOf(lettersA, a.shape, letter)),
    letters.map((letter) => strideOf(lettersB, b.shape, letter)),
    letters.map((letter) => strideOf(output, shape, letter)),
  ]
  const each = (visit: (i: number, j: number, o: number) => void) => {
    const index = letters.map(() => 0)
    let [i, j, o] = [0, 0, 0]
    for (let axis = 0; axis >= 0; ) {
      visit(i, j, o)
      for (axis = letters.length - 1; axis >= 0; axis--) {
        const step = ++index[axis] < sizes[axis] ? 1 : 1 - sizes[axis]
        i += step * strideA[axis]
        j += step * strideB[axis]
        o += step * strideO[axis]
        if (index[axis] < sizes[axis]) break
        index[axis] = 0
      }
    }
  }
  const sum = (length: number, visit: (out: Float64Array) => (i: number, j: number, o: number) => void) => {
    const out = new Float64Array(length)
    each(visit(out))
    return out
  }
  const out = sum(sizeOf(shape), (out) => (i, j, o) => {
    out[o] += a.data[i] * b.data[j]
  })
  return computed(shape, out, [
    [
      a,
      (g) =>
        sum(a.data.length, (d) => (i, j, o) => {
          d[i] += g[o] * b.data[j]
        }),
    ],
    [
      b,
      (g) =>
        sum(b.data.length, (d) => (i, j, o) => {
          d[j] += g[o] * a.data[i]
        }),
    ],
  ])
}

/** Element i of the result is element `from(i)` of x: selections, reshapes, repetitions, look-ups. */
export function pick(x: Value, shape: readonly number[], from: (i: number) => number): Value {
  const indices = Int32Array.from({ length: sizeOf(shape) }, (_, i) => from(i))
  const data = Float64Array.from(indices, (i) => x.data[i])
  const back = (g: Float64Array) => {
    const d = new Float64Array(x.data.length)
    indices.forEach((i, o) => {
      d[i] += g[o]
    })
    return d
  }
  return computed(shape, data, [[x, back]])
}

/** f of each element; `slope` is its derivative, given x and f(x). */
export function map(x: Value, f: (x: number) => number, slope: (x: number, y: number) => number): Value {
  const out = x.data.map((v) => f(v))
  return computed(x.shape, out, [[x, (g) => g.map((d, i) => d * slope(x.data[i], out[i]))]])
}

/** a + sign · b, of one shape. */
export function plus(a: Value, b: Value, sign: 1 | -1 = 1): Value {
  const out = a.data.map((x, i) => x + sign * b.data[i])
  return computed(a.shape, out, [
    [a, (g) => g],
    [b, (g) => g.map((d) => sign * d)],
  ])
}

/** One after the other, as one long vector. */
export function concat(a: Value, b: Value): Value {
  return computed([a.data.length + b.data.length], Float64Array.from([...a.data, ...b.data]), [
    [a, (g) => g.slice(0, a.data.length)],
    [b, (g) => g.slice(a.data.length)],
  ])
}

/** Of one shape: the source where the mask says so, the value elsewhere; which way the gradient goes, the rule says. */
export function overwrite(
  value: Value,
  source: Value,
  mask: readonly boolean[],
  rule: 'block' | 'straight-through' | 'source',
): Value {
  const out = value.data.map((x, i) => (mask[i] ? source.data[i] : x))
  return computed(value.shape, out, [
    [value, (g) => g.map((d, i) => (mask[i] && rule !== 'straight-through' ? 0 : d))],
    ...(rule === 'source' ? [[source, (g: Float64Array) => g.map((d, i) => (mask[i] ? d : 0))] as const] : []),
  ])
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}

function computed(shape: readonly number[], data: Float64Array, from: From): Value {
  const value: Value = { shape, data, readers: [] }
  for (const [input, part] of from) input.readers.push({ reader: value, part })
  return value
}

function strideOf(names: string, shape: readonly number[], letter: string): number {
  const axis = names.indexOf(letter)
  return axis < 0 ? 0 : sizeOf(shape.slice(axis + 1))
}
