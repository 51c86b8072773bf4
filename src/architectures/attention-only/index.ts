import { type Feature, type HookTable, hookTable } from '../../graph/hooks.ts'
import type { Model } from '../define.ts'
import { type AttentionOnlyConfig, type AttentionOnlyOptions, complete } from './config.ts'
import { forwardPass } from './forward-pass.ts'
import { inputKind } from './inputs.ts'
import { parameters } from './parameters.ts'

export type { AttentionOnlyOptions } from './config.ts'
export type { Inputs } from './inputs.ts'

type Choice<O, Key extends string, Default> = O extends { readonly [K in Key]: infer Value }
  ? Value extends undefined
    ? Default
    : Value
  : Default

type NormFeatures<O, Present extends Feature> = Choice<O, 'norm', 'layernorm'> extends 'none' ? never : Present

type FeaturesOf<O> =
  | 'always'
  | NormFeatures<O, 'norm'>
  | (Choice<O, 'positions', 'rotary'> extends 'rotary' ? 'rotary' : never)
  | (Choice<O, 'positions', 'rotary'> extends 'learned' | 'sinusoidal' ? 'added-positions' : never)
  | (Choice<O, 'mlpRatio', null> extends null ? never : 'mlp' | NormFeatures<O, 'mlp-norm'>)

/** The hook points of a model with these options: those its options rule out are not there. */
export type AttentionOnlyPoints<O extends AttentionOnlyOptions> = HookTable<O['layers'], FeaturesOf<O>>

/**
 * A pre-norm transformer of attention blocks, with an MLP in each block on request: the model of "What needs to go
 * right for an induction head?" (Singh et al. 2024, §3 of its code) and its variants.
 *
 * Per block: x + attention(norm(x)), then, with an MLP, x + mlp(norm(x)); biases only in norms, MLP, exemplar embedding
 * and read-out. Attention is scaled by d_head^−½. Weights start LeCun-normal, biases at zero.
 *
 * @throws OpsinError `VALUE` for sizes that are not positive integers or do not fit together.
 * @example
 * import { attentionOnly } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * console.assert(model.hookPoints.has('blocks.1.attn.pattern'))
 */
export function attentionOnly<const O extends AttentionOnlyOptions>(options: O): Model<AttentionOnlyPoints<O>> {
  const config = complete(options)
  const specs = parameters(config)
  return {
    architecture: 'attention-only',
    config: config as unknown as Model['config'],
    parameters: specs,
    hookPoints: hookTable(config.layers, features(config)),
    axisSizes: {
      head: config.heads,
      d_model: config.dModel,
      d_head: config.dHead,
      d_mlp: Math.round((config.mlpRatio ?? 0) * config.dModel),
      vocab: inputKind(config.inputs).vocab(config.inputs),
      scale: 1,
    },
    sizes: (inputs) => inputKind(config.inputs).sizes(config.inputs, inputs, config.readout),
    graph: (sizes, looksAhead) => forwardPass(config, specs, sizes, looksAhead),
    positions: (sizes) => inputKind(config.inputs).positions(sizes),
    causal: config.causal,
  }
}

function features({ norm, positions, mlpRatio }: AttentionOnlyConfig): Set<Feature> {
  const has = new Set<Feature>(['always'])
  if (norm !== 'none') has.add('norm')
  if (positions === 'rotary') has.add('rotary')
  if (positions === 'learned' || positions === 'sinusoidal') has.add('added-positions')
  if (mlpRatio !== null) has.add('mlp')
  if (mlpRatio !== null && norm !== 'none') has.add('mlp-norm')
  return has
}
