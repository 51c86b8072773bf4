import type { GivenOptions } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import type { NodeId } from '../../graph/node.ts'
import type { Draw } from '../../ops/define.ts'
import type { HookPoint, ParameterSpec } from '../define.ts'
import { bias, weight } from '../parameters.ts'
import { type Place, type PointsOf, parametersAt, pointsAt, type Together } from '../part.ts'
import { perEdge, perHead, perHeadResult } from '../points.ts'
import {
  type AttentionConfig,
  attentionOptions,
  hasBias,
  headSizes,
  requireProjections,
  sampleAttention,
} from './attention-options.ts'
import { defineMixer, type Mixer } from './mixer.ts'
import type { HeadSizes, HeadValue, Modifier } from './modifier.ts'

/** Far below any real score yet finite: the value that Singh et al. 2024 use. */
const HIDDEN_SCORE = -1e20

/** Options of {@link attention}. */
export type AttentionOptions = GivenOptions<typeof attentionOptions>

/** The hook points of attention, without those of its modifiers. */
type OwnPoints = ReturnType<typeof earlyPoints> & ReturnType<typeof latePoints> & ReturnType<typeof resultPoint>

/** What {@link attention} makes of options: its hook points are its own and those of its modifiers. */
export type AttentionMixer<O> = Mixer<
  OwnPoints & (O extends { readonly with: readonly (infer M)[] } ? Together<PointsOf<M>> : unknown)
>

interface AttentionKind {
  <const O extends AttentionOptions>(options: O): AttentionMixer<O>
  readonly kind: string
  readonly table: typeof attentionOptions
  readonly sample: (draw: Draw) => AttentionOptions
}

/**
 * Multi-head attention [Vaswani et al. 2017, §3.2] and its relatives: grouped keys and values, biases, bilinear scores, values
 * as they are, linear attention; with modifiers such as {@link rotary}, {@link shiftMix} and {@link headGate}.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` for one that does not fit.
 * @example
 * import { attention, rotary } from 'opsin'
 * const mixer = attention({ heads: 8, kvHeads: 2, with: [rotary({ pairs: 'halves' })] })
 * console.assert('attn.rot_q' in mixer.points(64))
 */
export const attention: AttentionKind = defineMixer(
  'attention',
  attentionOptions,
  (config) => {
    requireProjections(config)
    return {
      points: (width): any => Object.fromEntries(pointsOf(config, width)),
      parameters: (width) => parametersOf(config, width),
      width: (width) => outputWidth(config, width),
      emit: (place, x) => emit(config, place, x),
    }
  },
  sampleAttention,
)

function outputWidth(config: AttentionConfig, width: number): number {
  const { z } = headSizes(config, width)
  return config.out === 'identity' ? z.heads * z.dHead : width
}

const early: readonly HeadValue[] = ['q', 'k', 'v']

function earlyPoints({ q, k, v }: HeadSizes) {
  return {
    'attn.q': perHead(q.heads, q.dHead),
    'attn.k': perHead(k.heads, k.dHead),
    'attn.v': perHead(v.heads, v.dHead),
  }
}

function latePoints({ z }: HeadSizes, { normalize }: AttentionConfig) {
  return {
    'attn.scores': perEdge(z.heads, normalize === 'none' ? 0 : HIDDEN_SCORE),
    'attn.pattern': perEdge(z.heads, 0),
    'attn.z': perHead(z.heads, z.dHead),
  }
}

function resultPoint(heads: number, width: number) {
  return { 'attn.result': perHeadResult(heads, width) }
}

function pointsOf(config: AttentionConfig, width: number): [string, HookPoint][] {
  const sizes = headSizes(config, width)
  const modified = (late: boolean) =>
    config.with.filter((one) => isLate(one) === late).flatMap((one) => pointsAt('', one, sizes))
  const result = resultPoint(sizes.z.heads, config.out === 'identity' ? sizes.z.dHead : width)
  const points: [string, HookPoint][] = [
    ...Object.entries(earlyPoints(sizes)),
    ...modified(false),
    ...Object.entries(latePoints(sizes, config)),
    ...modified(true),
    ...Object.entries(result),
  ]
  requireDistinct(points.map(([name]) => name))
  return points
}

/** Throws OpsinError `VALUE` for two modifiers that name the same hook point: only one could be read and written. */
function requireDistinct(names: readonly string[]): void {
  const again = names.find((name, i) => names.indexOf(name) !== i)
  if (again === undefined) return
  throw new OpsinError('VALUE', {
    where: 'attention: with',
    expected: 'modifiers with hook points of their own',
    got: `two that have ${again}`,
  })
}

function isLate({ modifies }: Modifier): boolean {
  return modifies.includes('z')
}

/** The names of a projection's parameters: those of bilinear scores stand for queries and keys at once. */
function weightName({ scores }: AttentionConfig, name: HeadValue): string {
  return name === 'q' && scores === 'bilinear' ? 'attn.qk' : `attn.${name}`
}

function isProjected(config: AttentionConfig, name: HeadValue): boolean {
  if (name === 'k' && config.scores === 'bilinear') return false
  return config[name as 'q' | 'k' | 'v'] === 'linear'
}

function parametersOf(config: AttentionConfig, width: number): ParameterSpec[] {
  const sizes = headSizes(config, width)
  const projections = early
    .filter((name) => isProjected(config, name))
    .flatMap((name) => {
      const { heads, dHead } = sizes[name]
      const at = weightName(config, name)
      return [weight(`${at}.weight`, width, heads * dHead), ...biasOf(config, name as 'q', at, heads * dHead)]
    })
  const { heads, dHead } = sizes.z
  const out = [weight('attn.out.weight', heads * dHead, width), ...biasOf(config, 'out', 'attn.out', width)]
  return [
    ...projections,
    ...config.with.flatMap((modifier) => parametersAt('', modifier, sizes)),
    ...(config.out === 'linear' ? out : []),
  ]
}

function biasOf(config: AttentionConfig, name: 'q' | 'k' | 'v' | 'out', at: string, size: number): ParameterSpec[] {
  return hasBias(config, name) ? [bias(`${at}.bias`, size)] : []
}

function emit(config: AttentionConfig, place: Place, x: NodeId): NodeId {
  const sizes = headSizes(config, place.width)
  const modify = (name: HeadValue, value: NodeId) =>
    config.with
      .filter(({ modifies }) => modifies.includes(name))
      .reduce((current, modifier) => modifier.emit(place, name, current), value)
  const [q, k, v] = early.map((name) => place.point(`attn.${name}`, projected(config, place, x, name, sizes)))
  const [modQ, modK, modV] = [modify('q', q), modify('k', k), modify('v', v)]
  const [keys, values] = [modK, modV].map((value) => perQueryHead(place, value, sizes.q.heads))
  const pattern = emitPattern(config, place, modQ, keys, sizes.q.dHead)
  const mixed = place.op('attention-mix', [pattern, values], { scale: 1, transpose: false })
  return emitOutput(config, place, modify('z', place.point('attn.z', mixed)))
}

/** Queries, keys or values, [batch, pos, head, d_head]. */
function projected(config: AttentionConfig, place: Place, x: NodeId, name: HeadValue, sizes: HeadSizes): NodeId {
  const { heads, dHead } = sizes[name]
  const shape = [place.batch, place.length, heads, dHead]
  if (isProjected(config, name)) {
    return place.op('reshape', [place.linear(x, weightName(config, name), hasBias(config, name as 'q'))], { shape })
  }
  const one = place.op('reshape', [x], { shape: [place.batch, place.length, 1, dHead] })
  return heads === 1 ? one : place.op('broadcast', [one], { shape })
}

/** Keys or values for each query head, where groups of those share them: [batch, pos, head, d_head]. */
function perQueryHead(place: Place, value: NodeId, heads: number): NodeId {
  const [batch, pos, own, dHead] = place.shapeOf(value)
  if (own === heads) return value
  const apart = place.op('reshape', [value], { shape: [batch, pos, own, 1, dHead] })
  const shared = place.op('broadcast', [apart], { shape: [batch, pos, own, heads / own, dHead] })
  return place.op('reshape', [shared], { shape: [batch, pos, heads, dHead] })
}

/** [batch, head, query, key] */
function emitPattern(config: AttentionConfig, place: Place, q: NodeId, k: NodeId, dHead: number): NodeId {
  const { normalize, scale = 1 / Math.sqrt(dHead) } = config
  const { causal, looksAhead } = place
  const raw = place.op('attention-scores', [q, k], { scale })
  const hidden = normalize === 'none' ? 0 : HIDDEN_SCORE
  const scores = place.point('attn.scores', causal ? place.op('causal-mask', [raw], { value: hidden }) : raw)
  if (normalize === 'none') return place.point('attn.pattern', scores)
  return place.point('attn.pattern', place.op(causal && !looksAhead ? 'causal-softmax' : 'softmax', [scores]))
}

/** z [batch, pos, head, d_head] → [batch, pos, d_model] */
function emitOutput(config: AttentionConfig, place: Place, z: NodeId): NodeId {
  const [batch, pos, heads, dHead] = place.shapeOf(z)
  if (config.out === 'identity') {
    return place.op('reshape', [place.point('attn.result', z)], { shape: [batch, pos, heads * dHead] })
  }
  const result = place.op('head-result', [z, place.parameter('attn.out.weight')])
  const out = place.op('sum-heads', [place.point('attn.result', result)])
  if (!hasBias(config, 'out')) return out
  const wide = place.op('broadcast', [place.parameter('attn.out.bias')], { shape: place.shapeOf(out) })
  return place.op('add', [out, wide])
}
