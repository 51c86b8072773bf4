// What a transformer is made of, from the few operations of the tape.
import { concat, einsum, leaf, map, pick, plus, sizeOf, type Value } from './tape.ts'

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

/** x [batch, pos, in] times a matrix [in, out], plus a bias. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const y = einsum('bpi,io->bpo', x, weight)
  return bias === undefined ? y : plus(y, repeat(bias, y.shape))
}

export function scaled(x: Value, factor: number): Value {
  return map(
    x,
    (v) => v * factor,
    () => factor,
  )
}

/** One behind the other along the last axis. */
export function beside(a: Value, b: Value): Value {
  const [left, right] = [a, b].map(({ shape }) => shape[shape.length - 1])
  const width = left + right
  return pick(concat(a, b), [...a.shape.slice(0, -1), width], (i) => {
    const [row, column] = [Math.floor(i / width), i % width]
    return column < left ? row * left + column : a.data.length + row * right + column - left
  })
}

export function sigmoidOf(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms all have one sign. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let [term, sum] = [x, 0]
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    sum += term
    term *= (2 * x * x) / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
