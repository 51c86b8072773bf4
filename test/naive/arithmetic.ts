// What a transformer is made of, from the few operations of the tape.
import { einsum, leaf, map, pick, plus, sizeOf, type Value } from './tape.ts'

export function shaped(x: Value, shape: readonly number[]): Value {
  return pick(x, shape, (i) => i)
}

/** The whole of x, again and again. */
export function repeat(x: Value, shape: readonly number[]): Value {
  return pick(x, shape, (i) => i % x.data.length)
}

/** Each element of x as often as it takes to fill the shape. */
export function repeatEach(x: Value, shape: readonly number[]): Value {
  const times = sizeOf(shape) / x.data.length
  return pick(x, shape, (i) => Math.floor(i / times))
}

/** The sum over the last axis, times a factor. */
export function sumLast(x: Value, factor = 1): Value {
  const width = x.shape[x.shape.length - 1]
  return einsum('rd,d->r', shaped(x, [x.data.length / width, width]), leaf([width], Array(width).fill(factor)))
}

/** Element by element. */
export function times(a: Value, b: Value): Value {
  const flat = [a.data.length]
  return shaped(einsum('r,r->r', shaped(a, flat), shaped(b, flat)), a.shape)
}

/** x / by, where each element of `by` stands for as many of x as it takes. */
export function timesInverse(x: Value, by: Value): Value {
  const inverse = map(
    by,
    (v) => 1 / v,
    (_, y) => -y * y,
  )
  return times(x, repeatEach(inverse, x.shape))
}

export function square(x: Value): Value {
  return map(
    x,
    (v) => v * v,
    (v) => 2 * v,
  )
}

/** Over the last axis. */
export function softmax(x: Value): Value {
  const width = x.shape[x.shape.length - 1]
  const rows = x.data.length / width
  const top = Array.from({ length: rows }, (_, r) => Math.max(...x.data.slice(r * width, (r + 1) * width)))
  const exps = map(plus(x, repeatEach(leaf([rows], top), x.shape), -1), Math.exp, (_, y) => y)
  return timesInverse(exps, sumLast(exps))
}

const ROOT = Math.sqrt(2 / Math.PI)

export function geluOf(x: number): number {
  return 0.5 * x * (1 + Math.tanh(ROOT * (x + 0.044715 * x ** 3)))
}

export function geluSlope(x: number): number {
  const t = Math.tanh(ROOT * (x + 0.044715 * x ** 3))
  return (1 + t) / 2 + 0.5 * x * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * x * x)
}
