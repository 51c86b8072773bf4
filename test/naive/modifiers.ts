import { repeat, repeatEach, sigmoidOf, times } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type Place, weightOf } from './part.ts'
import { leaf, map, pick, plus, type Value } from './tape.ts'

/** The values of attention that can be modified, [batch, pos, head, d_head]. */
export type HeadValue = 'q' | 'k' | 'v' | 'z'

interface Modifier {
  /** By the value that it modifies: the hook point of what becomes of it. */
  readonly points: Readonly<Partial<Record<HeadValue, string>>>
  modify(value: Value, json: PartJson, place: Place, name: HeadValue): Value
}

/** By kind. */
export const modifiers: Readonly<Record<string, Modifier>> = {
  rotary: { points: { q: 'attn.rot_q', k: 'attn.rot_k' }, modify: turned },
  'shift-mix': { points: { k: 'attn.shift_k', v: 'attn.shift_v' }, modify: mixed },
  'shift-keys': { points: { k: 'attn.shift_k' }, modify: mixed },
  'shift-values': { points: { v: 'attn.shift_v' }, modify: mixed },
  'head-gate': { points: { z: 'attn.gated_z' }, modify: gated },
}

/** (x0, x1) → (x0 cos − x1 sin, x1 cos + x0 sin) for each pair of the first dimensions [Su et al. 2021]. */
function turned(x: Value, { base, pairs, share }: PartJson): Value {
  const [, length, heads, dHead] = x.shape
  const dims = dHead * share
  const isTurned = (i: number) => i % dHead < dims
  const isFirst = (dim: number) => (pairs === 'halves' ? dim < dims / 2 : dim % 2 === 0)
  const step = pairs === 'halves' ? dims / 2 : 1
  const angle = (i: number) => {
    const [dim, pos] = [i % dHead, Math.floor(i / (heads * dHead)) % length]
    const pair = pairs === 'halves' ? dim % (dims / 2) : Math.floor(dim / 2)
    return pos * base ** ((-2 * pair) / dims)
  }
  const table = (f: (i: number) => number) =>
    leaf(
      x.shape,
      Array.from(x.data, (_, i) => f(i)),
    )
  const partner = pick(x, x.shape, (i) => (isTurned(i) ? i + (isFirst(i % dHead) ? step : -step) : i))
  const cosines = table((i) => (isTurned(i) ? Math.cos(angle(i)) : 1))
  const sines = table((i) => (isTurned(i) ? (isFirst(i % dHead) ? -1 : 1) * Math.sin(angle(i)) : 0))
  return plus(times(x, cosines), times(partner, sines))
}

/** x'[t, h] = Σ_i a[h, i] x[t − i, h], with zeros before the first token [Xu et al. 2024]. */
function mixed(x: Value, { window, weights }: PartJson, place: Place, name: HeadValue): Value {
  const given = weightOf(place, `attn.shift_${name}.weight`)
  const [, length, heads, dHead] = x.shape
  const columns = given.shape[1]
  return Array.from({ length: window }, (_, by) => {
    const column = pick(given, [heads], (head) => head * columns + (weights === 'gate' ? 0 : by))
    const perHead = repeatEach(bounded(column, weights, by), [heads, dHead])
    return times(earlier(x, by, length, heads * dHead), repeat(perHead, x.shape))
  }).reduce((sum, part) => plus(sum, part))
}

/** Anywhere; σ(a) for the token itself and 1 − σ(a) for the one before; or cut off to lie in 0 … 1. */
function bounded(a: Value, weights: string, by: number): Value {
  if (weights === 'free') return a
  if (weights === 'clip') {
    return map(
      a,
      (x) => Math.min(Math.max(x, 0), 1),
      (x) => Number(x >= 0 && x <= 1),
    )
  }
  const slope = (x: number) => sigmoidOf(x) * (1 - sigmoidOf(x))
  return map(
    a,
    (x) => (by === 0 ? sigmoidOf(x) : 1 - sigmoidOf(x)),
    (x) => (by === 0 ? slope(x) : -slope(x)),
  )
}

/** Each token's value from so many tokens before. */
function earlier(x: Value, by: number, length: number, width: number): Value {
  const starts = (i: number) => Math.floor(i / width) % length < by
  const zeroed = leaf(
    x.shape,
    Array.from(x.data, (_, i) => Number(!starts(i))),
  )
  return times(
    pick(x, x.shape, (i) => (starts(i) ? i : i - by * width)),
    zeroed,
  )
}

/** A number per head. */
function gated(z: Value, _: PartJson, place: Place): Value {
  const [, , heads, dHead] = z.shape
  return times(z, repeat(repeatEach(weightOf(place, 'attn.gate.weight'), [heads, dHead]), z.shape))
}
