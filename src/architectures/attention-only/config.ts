import { requireKnownFields } from '../../core/nearest.ts'
import { invalid, requirePositive } from './check.ts'
import { checkInputs, type Inputs } from './inputs.ts'

export type PositionKind = 'rotary' | 'learned' | 'sinusoidal' | 'none'
export type NormKind = 'layernorm' | 'rmsnorm' | 'none'

/** Options of {@link attentionOnly}; what is left out is as in Singh et al. 2024. */
export interface AttentionOnlyOptions {
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
  readonly inputs?: Inputs
  /** Where `logits` and the loss are read; default `last`. */
  readonly readout?: 'last' | 'all'
}

export type AttentionOnlyConfig = Required<Omit<AttentionOnlyOptions, 'mlpRatio'>> & {
  readonly mlpRatio: number | null
}

/** The options with every default filled in, checked. */
export function complete(options: AttentionOnlyOptions): AttentionOnlyConfig {
  const { layers, heads, dModel } = options
  for (const [name, value] of Object.entries({ layers, heads, dModel })) requirePositive(name, value)
  const config: AttentionOnlyConfig = {
    layers,
    heads,
    dModel,
    dHead: options.dHead ?? dModel / heads,
    mlpRatio: options.mlpRatio ?? null,
    positions: options.positions ?? 'rotary',
    rotaryBase: options.rotaryBase ?? 10_000,
    maxLength: options.maxLength ?? 32,
    norm: options.norm ?? 'layernorm',
    eps: options.eps ?? 1e-5,
    causal: options.causal ?? true,
    inputs: options.inputs ?? { kind: 'exemplars', features: 512, labels: 5 },
    readout: options.readout ?? 'last',
  }
  requireKnownFields('attentionOnly', 'an option', options, Object.keys(config))
  requirePositive('dHead (dModel / heads unless given)', config.dHead)
  requirePositive('maxLength', config.maxLength)
  if (config.mlpRatio !== null) requirePositive('mlpRatio · dModel', config.mlpRatio * dModel)
  if (config.positions === 'rotary' && config.dHead % 2 === 1) {
    throw invalid('dHead', 'an even number, since rotary positions turn pairs', config.dHead)
  }
  if (!(config.rotaryBase > 0 && Number.isFinite(config.rotaryBase))) {
    throw invalid('rotaryBase', 'a positive number', config.rotaryBase)
  }
  if (!(config.eps > 0 && Number.isFinite(config.eps))) throw invalid('eps', 'a positive number', config.eps)
  if (typeof config.causal !== 'boolean') throw invalid('causal', 'true or false', config.causal)
  checkInputs(config.inputs)
  requireOneOf('positions', ['rotary', 'learned', 'sinusoidal', 'none'], config.positions)
  requireOneOf('norm', ['layernorm', 'rmsnorm', 'none'], config.norm)
  requireOneOf('readout', ['last', 'all'], config.readout)
  return config
}

function requireOneOf(name: string, options: readonly string[], value: string): void {
  if (!options.includes(value)) throw invalid(name, options.join(' | '), value)
}
