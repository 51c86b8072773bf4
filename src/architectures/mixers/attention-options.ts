import { anything, check, count, finite, flag, type OptionsOf, oneOf, optional, type Rule } from '../../core/check.ts'
import type { Draw } from '../../ops/define.ts'
import type { HeadSizes, Modifier } from './modifier.ts'

const projection = oneOf('linear', 'identity')

const modifiers: Rule<readonly Modifier[]> = {
  expected: 'modifiers of attention, such as rotary()',
  fits: (value) => Array.isArray(value) && value.every((one) => typeof one?.emit === 'function' && 'modifies' in one),
}

/** Rules of the options of attention. */
export const attentionOptions = {
  heads: count(2 ** 16),
  /** Width of a head's queries and keys; default d_model / heads, and d_model where one of them is the identity. */
  dHead: optional(count(2 ** 20)),
  /** Width of a head's values; default `dHead`, and d_model where they are the identity. */
  dValue: optional(count(2 ** 20)),
  /** How many heads keys and values have; query heads share them in equal groups. Default `heads`. */
  kvHeads: optional(count(2 ** 16)),
  /** Which projections have biases: all, none, or those named. Default none. */
  bias: optional(biases()),
  /** How queries, keys, values and the output come about: by a matrix, or as they are. Default `linear`. */
  q: optional(projection, 'linear'),
  k: optional(projection, 'linear'),
  v: optional(projection, 'linear'),
  out: optional(projection, 'linear'),
  /** `factored`: (x W_q)(x W_k)ᵀ. `bilinear`: x A xᵀ with one full matrix A per head. Default `factored`. */
  scores: optional(oneOf('factored', 'bilinear'), 'factored'),
  /** The factor of scores; default 1 / √dHead. */
  scale: optional(finite),
  /** Whether a softmax makes the pattern of the scores, or they are the pattern (linear attention). Default `softmax`. */
  normalize: optional(oneOf('softmax', 'none'), 'softmax'),
  /** Modifiers of queries, keys, values and mixed values, applied in this order. */
  with: optional<readonly Modifier<any>[], readonly Modifier<any>[]>(modifiers, []),
}

export type AttentionConfig = OptionsOf<typeof attentionOptions>

type BiasName = 'q' | 'k' | 'v' | 'out'

function biases(): Rule<boolean | readonly BiasName[]> {
  const names = ['q', 'k', 'v', 'out']
  return {
    expected: `true, false, or names of ${names.join(', ')}`,
    fits: (value) => flag.fits(value) || (Array.isArray(value) && value.every((name) => names.includes(name))),
  }
}

/** Biases by name belong to projections that there are. @throws OpsinError `VALUE`. */
export function requireProjections({ bias, q, k, v, out, scores }: AttentionConfig): void {
  const missing = {
    q: q === 'identity',
    k: k === 'identity' || scores === 'bilinear',
    v: v === 'identity',
    out: out === 'identity',
  }
  check('attention: bias', bias, {
    ...anything,
    expected: 'names of projections that are matrices of their own',
    fits: () => !Array.isArray(bias) || !bias.some((name: BiasName) => missing[name]),
  })
  check('attention: q', q, {
    ...anything,
    expected: 'linear, since bilinear scores have a matrix',
    fits: () => scores !== 'bilinear' || q === 'linear',
  })
}

export function hasBias({ bias = false }: AttentionConfig, name: BiasName): boolean {
  return typeof bias === 'boolean' ? bias : bias.includes(name)
}

/**
 * How many heads each value has and how wide one is.
 *
 * @throws OpsinError `VALUE` for sizes that do not fit together.
 */
export function headSizes(config: AttentionConfig, width: number): HeadSizes {
  const { heads, kvHeads = heads, q, k, v, scores } = config
  const where = (option: string) => `attention: ${option}`
  check(where('heads / kvHeads'), heads / kvHeads, { expected: 'a whole number', fits: Number.isInteger })
  const whole = scores === 'bilinear' || q === 'identity' || k === 'identity'
  const dHead = whole ? width : (config.dHead ?? dividing(where('dHead (d_model / heads unless given)'), width / heads))
  if (whole) requireWhole(where('dHead'), config.dHead, width)
  const dValue = v === 'identity' ? width : (config.dValue ?? config.dHead ?? dividing(where('dValue'), width / heads))
  if (v === 'identity') requireWhole(where('dValue'), config.dValue, width)
  return {
    q: { heads, dHead },
    k: { heads: kvHeads, dHead },
    v: { heads: kvHeads, dHead: dValue },
    z: { heads, dHead: dValue },
  }
}

function dividing(where: string, size: number): number {
  return check(where, size, count(2 ** 20))
}

/** Where a projection is the identity, a head is as wide as the model. */
function requireWhole(where: string, given: number | undefined, width: number): void {
  check(where, given ?? width, {
    ...anything,
    expected: `${width}, since it is not projected`,
    fits: (it) => it === width,
  })
}

/** Random options for the tests of all parts. */
export function sampleAttention(draw: Draw) {
  const heads = draw.pick([2, 4])
  return {
    heads,
    kvHeads: draw.pick([heads, 1, 2]),
    dHead: draw.pick([2, 3]),
    dValue: draw.pick([1, 2]),
    bias: draw.pick([true, false, ['q', 'out']]),
    normalize: draw.pick(['softmax', 'none']),
    scale: draw.pick([0.5, 2]),
  }
}
