import { check, count, oneOf, optional, type Rule } from '../../core/check.ts'
import type { NodeId } from '../../graph/node.ts'
import type { ParameterSpec } from '../define.ts'
import type { Place, PointTable } from '../part.ts'
import { perHead } from '../points.ts'
import { defineModifier, type HeadSizes, type HeadValue } from './modifier.ts'

// k'[b, t, h] = Σ_i a[h, i] k[b, t − i, h], with zeros before the first token and one row of weights per head; the same for
// values [Xu et al. 2024, KV shifting attention]. Keys alone with the gate are the smeared keys of Olsson et al. 2022.

const options = {
  /** How many tokens are mixed, the token itself among them; default 2. */
  window: optional(count(64), 2),
  /**
   * Where the weights may lie: anywhere; between 0 and 1 with a sum of 1 for two tokens (`gate`: σ(a) and 1 − σ(a)); or cut
   * off to lie in 0 … 1 (`clip`). Default `free`.
   */
  weights: optional(oneOf('free', 'gate', 'clip'), 'free'),
}

type Weights = 'free' | 'gate' | 'clip'

const pair: Rule<number> = { expected: '2, since a gate shares out between two tokens', fits: (value) => value === 2 }

/**
 * Each key becomes a mix of itself and of the keys before it, each value the same; every head has its own weights.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { shiftMix } from 'opsin'
 * const modifier = shiftMix({ weights: 'gate' })
 */
export const shiftMix = defineModifier('shift-mix', options, (given) => shifting(['k', 'v'], given, bothPoints))

/**
 * {@link shiftMix} of keys alone.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { shiftKeys } from 'opsin'
 * const modifier = shiftKeys()
 */
export const shiftKeys = defineModifier('shift-keys', options, (given) => shifting(['k'], given, keyPoints))

/**
 * {@link shiftMix} of values alone.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { shiftValues } from 'opsin'
 * const modifier = shiftValues({ window: 3 })
 */
export const shiftValues = defineModifier('shift-values', options, (given) => shifting(['v'], given, valuePoints))

const keyPoints = ({ k }: HeadSizes) => ({ 'attn.shift_k': perHead(k.heads, k.dHead) })
const valuePoints = ({ v }: HeadSizes) => ({ 'attn.shift_v': perHead(v.heads, v.dHead) })
const bothPoints = (sizes: HeadSizes) => ({ ...keyPoints(sizes), ...valuePoints(sizes) })

function shifting<Points extends PointTable>(
  modifies: readonly HeadValue[],
  { window, weights }: { readonly window: number; readonly weights: Weights },
  points: (sizes: HeadSizes) => Points,
) {
  if (weights === 'gate') check('shift-mix: window', window, pair)
  const columns = weights === 'gate' ? 1 : window
  return {
    modifies,
    points,
    parameters: (sizes: HeadSizes): ParameterSpec[] =>
      modifies.map((name) => ({
        name: `attn.shift_${name}.weight`,
        shape: [sizes[name].heads, columns],
        // σ(0) = ½ for a gate; as the paper has it for the others.
        initializer: { kind: weights === 'gate' ? 'zeros' : 'shares' },
      })),
    emit(place: Place, name: HeadValue, value: NodeId): NodeId {
      const parameter = place.parameter(`attn.shift_${name}.weight`)
      const parts = Array.from({ length: window }, (_, by) => {
        const moved = by === 0 ? value : place.op('shift', [value], { axis: 1, by })
        return place.op('multiply', [moved, weightOf(place, parameter, by, weights)])
      })
      return place.point(
        `attn.shift_${name}`,
        parts.reduce((sum, part) => place.op('add', [sum, part])),
      )
    },
  }
}

/** The weight of the token `by` places back, [1, 1, head, 1]. */
function weightOf(place: Place, parameter: NodeId, by: number, weights: Weights): NodeId {
  const [heads] = place.shapeOf(parameter)
  const column = weights === 'gate' ? 0 : by
  const raw = place.op('take', [parameter], { axis: 1, indices: [column] })
  const bounded = weights === 'clip' ? place.op('clip', [raw], { min: 0, max: 1 }) : raw
  // 1 − σ(a) = σ(−a)
  const sign = by === 0 ? 1 : -1
  const gated = () => place.op('sigmoid', [sign === 1 ? raw : place.op('multiply', [raw, minusOne(place)])])
  return place.op('reshape', [weights === 'gate' ? gated() : bounded], { shape: [1, 1, heads, 1] })
}

function minusOne(place: Place): NodeId {
  return place.op('constant', [], { shape: [1, 1], value: -1 })
}
