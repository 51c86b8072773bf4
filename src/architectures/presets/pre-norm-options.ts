import { check, count, flag, oneOf, optional, orNull, positive, type Rule, readOptions } from '../../core/check.ts'
import { type InputsJson, someInputs } from './inputs-json.ts'

export type PositionKind = 'rotary' | 'learned' | 'sinusoidal' | 'none'
export type NormKind = 'layernorm' | 'rmsnorm' | 'none'

/** Options of {@link preNorm}; what is left out is as in Singh et al. 2024. */
export interface PreNormOptions {
  readonly layers: number
  readonly heads: number
  readonly dModel: number
  /** Width of a head; default d_model / heads. */
  readonly dHead?: number
  /** Hidden width of the MLP in units of d_model; `null` (the default) for no MLP. */
  readonly mlpRatio?: number | null
  /** Default `rotary` (base 10000, adjacent pairs). */
  readonly positions?: PositionKind
  readonly rotaryBase?: number
  /** Longest sequence that learned positions know; default 32. */
  readonly maxLength?: number
  /** Default `layernorm`: before each block part and before the read-out. */
  readonly norm?: NormKind
  readonly eps?: number
  /** Whether a token sees only itself and what came before; default true. */
  readonly causal?: boolean
  /** Default: exemplars with 512 features and 5 labels. */
  readonly inputs?: InputsJson
  /** How many numbers are predicted; default the vocabulary's size. */
  readonly outputs?: number
  /** Where `logits` and the loss are read; default `last`. */
  readonly readout?: 'last' | 'all'
}

export type PreNormConfig = Required<Omit<PreNormOptions, 'mlpRatio' | 'outputs'>> & {
  readonly outputs?: number
  readonly mlpRatio: number | null
}

/** Rules and defaults of the options. The limits are far above any model that a machine could hold. */
export const preNormRules = {
  layers: count(2 ** 10),
  heads: count(2 ** 16),
  dModel: count(2 ** 20),
  dHead: optional(count(2 ** 20)),
  mlpRatio: optional(orNull(positive), null),
  positions: optional(oneOf('rotary', 'learned', 'sinusoidal', 'none'), 'rotary'),
  rotaryBase: optional(positive, 10_000),
  maxLength: optional(count(2 ** 20), 32),
  norm: optional(oneOf('layernorm', 'rmsnorm', 'none'), 'layernorm'),
  eps: optional(positive, 1e-5),
  causal: optional(flag, true),
  inputs: optional(someInputs, { kind: 'exemplars', features: 512, labels: 5 }),
  outputs: optional(count(2 ** 24)),
  readout: optional(oneOf('last', 'all'), 'last'),
} satisfies Record<keyof PreNormOptions, Rule<any>>

/** The options with every default filled in, checked. */
export function complete(name: string, options: PreNormOptions): PreNormConfig {
  const where = (option: string) => `${name}: ${option}`
  const given = readOptions(name, options, preNormRules)
  const { dModel, heads, mlpRatio, positions } = given
  const dHead = given.dHead ?? check(where('dHead (dModel / heads unless given)'), dModel / heads, count(2 ** 20))
  if (mlpRatio !== null) check(where('mlpRatio · dModel'), mlpRatio * dModel, count(2 ** 20))
  if (positions === 'rotary') check(where('dHead'), dHead, even)
  const { outputs, ...rest } = given
  return {
    ...rest,
    ...(outputs === undefined ? {} : { outputs }),
    dHead,
    inputs: { ...given.inputs },
  }
}

const even: Rule<number> = {
  expected: 'an even number, since rotary positions turn pairs',
  fits: (value) => Number(value) % 2 === 0,
}
