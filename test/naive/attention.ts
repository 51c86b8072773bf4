import { linear, repeat, scaled, shaped, softmax } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type HeadValue, modifiers } from './modifiers.ts'
import { type Equation, type Equations, type Part, type Place, weightOf } from './part.ts'
import { einsum, leaf, overwrite, pick, plus, type Value } from './tape.ts'

/** What a causal mask leaves on scores that a softmax follows; without one, hidden edges weigh nothing. */
const HIDDEN = -1e20

/** Attention [Vaswani et al. 2017, §3.2] and its relatives; what it gives is [batch, pos, d_model]. */
export function attention(json: PartJson, place: Place, x: Equation): Part {
  const at = (name: string) => `${place.prefix}attn.${name}`
  const points: Equations = {}
  /** Names a value, and gives the name of what its modifiers make of it. */
  const modified = (name: HeadValue, value: Equation): string => {
    points[at(name)] = value
    return (json.with as PartJson[]).reduce((before, one) => {
      const { points: own, modify } = modifiers[one.kind]
      const after = own[name]
      if (after === undefined) return before
      points[place.prefix + after] = (read) => modify(read(before), one, place, name)
      return place.prefix + after
    }, at(name))
  }
  const [q, k, v] = (['q', 'k', 'v'] as const).map((name) =>
    modified(name, (read) => projected(json, place, x(read), name)),
  )
  points[at('scores')] = (read) => scores(json, place, read(q), perQueryHead(json, read(k)))
  points[at('pattern')] = (read) => pattern(json, place, read(at('scores')))
  const z = modified('z', (read) => einsum('bhnm,bmhd->bnhd', read(at('pattern')), perQueryHead(json, read(v))))
  points[at('result')] = (read) => (json.out === 'identity' ? read(z) : results(place, read(z)))
  return { points, out: (read) => output(json, place, read(at('result'))) }
}

function hasBias({ bias = false }: PartJson, name: string): boolean {
  return bias === true || (Array.isArray(bias) && bias.includes(name))
}

/** x W + b in heads, or x itself for each of them. Bilinear scores are x A xᵀ: queries x A, keys x. */
function projected(json: PartJson, place: Place, x: Value, name: 'q' | 'k' | 'v'): Value {
  const heads = name === 'q' ? json.heads : (json.kvHeads ?? json.heads)
  const [batch, length, width] = x.shape
  const bilinear = json.scores === 'bilinear'
  if (json[name] === 'identity' || (bilinear && name === 'k')) {
    const row = heads * width
    return pick(x, [batch, length, heads, width], (i) => Math.floor(i / row) * width + (i % width))
  }
  const at = bilinear && name === 'q' ? 'attn.qk' : `attn.${name}`
  const bias = hasBias(json, name) ? weightOf(place, `${at}.bias`) : undefined
  const flat = linear(x, weightOf(place, `${at}.weight`), bias)
  return shaped(flat, [batch, length, heads, flat.shape[2] / heads])
}

/** Keys or values of each query head: equal groups of those share one. */
function perQueryHead({ heads, kvHeads = heads }: PartJson, x: Value): Value {
  const [batch, length, , dHead] = x.shape
  return pick(x, [batch, length, heads, dHead], (i) => {
    const [row, head, dim] = [Math.floor(i / (heads * dHead)), Math.floor(i / dHead) % heads, i % dHead]
    return (row * kvHeads + Math.floor(head / (heads / kvHeads))) * dHead + dim
  })
}

function scores({ scale, normalize }: PartJson, { causal }: Place, q: Value, k: Value): Value {
  const raw = scaled(einsum('bnhd,bmhd->bhnm', q, k), scale ?? 1 / Math.sqrt(q.shape[3]))
  return causal ? withHidden(raw, normalize === 'none' ? 0 : HIDDEN) : raw
}

/** A softmax over the visible keys alone, or the scores as they are. */
function pattern({ normalize }: PartJson, { causal, looksAhead }: Place, scores: Value): Value {
  if (normalize === 'none') return scores
  return softmax(causal && !looksAhead ? withHidden(scores, Number.NEGATIVE_INFINITY) : scores)
}

/** The edges that the causal mask hides, those from a query to later keys, with another value. */
function withHidden(edges: Value, value: number): Value {
  const [, , queries, keys] = edges.shape
  const hidden = Array.from(edges.data, (_, i) => i % keys > Math.floor(i / keys) % queries)
  const instead = leaf(
    edges.shape,
    edges.data.map(() => value),
  )
  return overwrite(edges, instead, hidden, 'block')
}

/** What each head writes, in d_model. */
function results(place: Place, z: Value): Value {
  const [, , heads, dHead] = z.shape
  const weight = weightOf(place, 'attn.out.weight')
  return einsum('bnhd,hdm->bnhm', z, shaped(weight, [heads, dHead, weight.shape[1]]))
}

/** Their sum plus a bias, or one head behind the other. */
function output(json: PartJson, place: Place, result: Value): Value {
  const [batch, length, heads, width] = result.shape
  if (json.out === 'identity') return shaped(result, [batch, length, heads * width])
  const sum = einsum('bnhm,h->bnm', result, leaf([heads], Array(heads).fill(1)))
  return hasBias(json, 'out') ? plus(sum, repeat(weightOf(place, 'attn.out.bias'), sum.shape)) : sum
}
