import { OpsinError } from '../../core/errors.ts'
import type { Block } from '../block.ts'
import type { Model } from '../define.ts'
import { type AttentionMixer, attention } from '../mixers/attention.ts'
import { rotary } from '../mixers/rotary.ts'
import { geluMlp } from '../mlps/gelu.ts'
import { layerNorm } from '../norms/layernorm.ts'
import { rmsNorm } from '../norms/rmsnorm.ts'
import { learnedPositions } from '../positions/learned.ts'
import { sinusoidalPositions } from '../positions/sinusoidal.ts'
import { linearReadout } from '../readouts/linear.ts'
import { transformer } from '../transformer.ts'
import type { TransformerPoints } from '../transformer-points.ts'
import { inputsOf } from './inputs-json.ts'
import { complete, type PreNormConfig, type PreNormOptions } from './pre-norm-options.ts'
import { type Repeated, repeated } from './repeated.ts'

const norms = { layernorm: layerNorm, rmsnorm: rmsNorm } as const

const positionCodes = { learned: learnedPositions, sinusoidal: sinusoidalPositions } as const

/** The option's value, or its default. */
type Choice<O, Name extends string, Default> = O extends { readonly [N in Name]: infer Value }
  ? Value extends undefined
    ? Default
    : Value
  : Default

/** The part of a table that a choice names; `undefined` where it is not there. */
type PartFor<Table, Name> = Name extends keyof Table
  ? Table[Name] extends (...given: any[]) => infer Made
    ? Made
    : undefined
  : undefined

type NormOf<O> = PartFor<typeof norms, Choice<O, 'norm', 'layernorm'>>

type MixerOf<O> =
  Choice<O, 'positions', 'rotary'> extends 'rotary'
    ? AttentionMixer<{ readonly with: readonly [ReturnType<typeof rotary>] }>
    : AttentionMixer<object>

type MlpOf<O> = Choice<O, 'mlpRatio', null> extends null ? undefined : ReturnType<typeof geluMlp>

/** The parts of a model with these options, as a type. */
interface Composition<O extends PreNormOptions> {
  readonly positions: PartFor<typeof positionCodes, Choice<O, 'positions', 'rotary'>>
  readonly blocks: Repeated<
    O['layers'],
    { readonly mixer: MixerOf<O>; readonly mlp: MlpOf<O>; readonly norm: NormOf<O> }
  >
  readonly norm: NormOf<O>
  readonly readout: ReturnType<typeof linearReadout>
}

/** The hook points of a model with these options: those its options rule out are not there. */
export type PreNormPoints<O extends PreNormOptions> = TransformerPoints<Composition<O>>

/**
 * A pre-norm transformer of equal blocks, with an MLP in each on request: the model of "What needs to go right for an
 * induction head?" (Singh et al. 2024, §3 of its code) and its variants.
 *
 * Per block: x + attention(norm(x)), then, with an MLP, x + mlp(norm(x)); biases only in norms, MLP, exemplar embedding
 * and read-out. Attention is scaled by d_head^−½. Weights start LeCun-normal, biases at zero.
 *
 * @throws OpsinError `VALUE` for sizes that are not positive integers or do not fit together.
 * @example
 * import { preNorm } from 'opsin'
 * const model = preNorm({ layers: 2, heads: 4, dModel: 32, mlpRatio: 4, inputs: { kind: 'tokens', vocab: 65 }, readout: 'all' })
 * console.assert(model.hookPoints.has('blocks.1.mlp.post'))
 */
export function preNorm<const O extends PreNormOptions>(options: O): Model<PreNormPoints<O>> {
  return compose('pre-norm', complete('preNorm', options))
}

/** Options of {@link attentionOnly}. */
export interface AttentionOnlyOptions extends Omit<PreNormOptions, 'mlpRatio'> {
  /** There is none: {@link preNorm} has MLPs. */
  readonly mlpRatio?: null
}

/**
 * {@link preNorm} without MLPs: the model of Singh et al. 2024.
 *
 * @throws OpsinError `VALUE` for sizes that are not positive integers or do not fit together.
 * @example
 * import { attentionOnly } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * console.assert(model.hookPoints.has('blocks.1.attn.pattern'))
 */
export function attentionOnly<const O extends AttentionOnlyOptions>(options: O): Model<PreNormPoints<O>> {
  const config = complete('attentionOnly', options)
  if (config.mlpRatio === null) return compose('attention-only', config)
  throw new OpsinError('VALUE', {
    where: 'attentionOnly: mlpRatio',
    expected: 'none, since there is no MLP',
    got: String(config.mlpRatio),
    hint: 'Use preNorm, which takes the same options and has MLPs.',
  })
}

function compose(architecture: string, config: PreNormConfig): Model {
  const { layers, dModel, inputs, causal, positions, maxLength, outputs, readout } = config
  const block = blockOf(config)
  const code = { learned: () => learnedPositions({ maxLength }), sinusoidal: () => sinusoidalPositions() }
  const model = transformer({
    dModel,
    inputs: inputsOf(inputs),
    ...(positions === 'learned' || positions === 'sinusoidal' ? { positions: code[positions]() } : {}),
    blocks: repeated(layers, block),
    ...(block.norm === undefined ? {} : { norm: block.norm }),
    readout: linearReadout({ at: readout, outputs }),
    causal,
  })
  return { ...model, architecture, config: config as unknown as Model['config'] }
}

function blockOf({ heads, dHead, dModel, mlpRatio, norm, eps, positions, rotaryBase }: PreNormConfig): Block {
  const modifiers = positions === 'rotary' ? [rotary({ base: rotaryBase })] : []
  return {
    mixer: attention({ heads, dHead, with: modifiers }),
    ...(mlpRatio === null ? {} : { mlp: geluMlp({ width: Math.round(mlpRatio * dModel) }) }),
    ...(norm === 'none' ? {} : { norm: norms[norm]({ eps }) }),
  }
}
