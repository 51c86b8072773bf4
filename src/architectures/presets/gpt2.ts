import type { GivenOptions } from '../../core/check.ts'
import { count, optional, positive, readOptions } from '../../core/check.ts'
import type { Model } from '../define.ts'
import { tokenInputs } from '../inputs/tokens.ts'
import { attention } from '../mixers/attention.ts'
import { geluMlp } from '../mlps/gelu.ts'
import { layerNorm } from '../norms/layernorm.ts'
import { learnedPositions } from '../positions/learned.ts'
import { tiedReadout } from '../readouts/tied.ts'
import { transformer } from '../transformer.ts'
import type { TransformerPoints } from '../transformer-points.ts'
import { type Repeated, repeated } from './repeated.ts'
import { smallNormal } from './small-normal.ts'

/** Rules of the options of {@link gpt2}. */
export const gpt2Rules = {
  /** Default 12. */
  layers: optional(count(2 ** 10), 12),
  /** Default 12. */
  heads: optional(count(2 ** 16), 12),
  /** Default 768. */
  dModel: optional(count(2 ** 20), 768),
  /** Hidden width of the MLPs; default 4 · dModel. */
  dMlp: optional(count(2 ** 20)),
  /** Default 50257. */
  vocab: optional(count(2 ** 24), 50_257),
  /** Longest sequence; default 1024. */
  maxLength: optional(count(2 ** 20), 1024),
  /** Default 1e-5. */
  eps: optional(positive, 1e-5),
}

/** Options of {@link gpt2}; what is left out is as in the smallest GPT-2. */
export type Gpt2Options = GivenOptions<typeof gpt2Rules>

interface Composition<O> {
  readonly positions: ReturnType<typeof learnedPositions>
  readonly blocks: Repeated<O extends { readonly layers: infer N extends number } ? N : 12, Gpt2Block>
  readonly norm: ReturnType<typeof layerNorm>
  readonly readout: ReturnType<typeof tiedReadout>
}

type Gpt2Block = ReturnType<typeof blockOf>

/**
 * GPT-2 [Radford et al. 2019]: learned positions, layer norms before attention and MLP, biases everywhere, GELU in its tanh
 * form, and the embedding as read-out.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` for sizes that do not fit.
 * @example
 * import { gpt2 } from 'opsin'
 * const model = gpt2({ layers: 2, heads: 4, dModel: 32, vocab: 100, maxLength: 16 })
 * console.assert(model.hookPoints.has('blocks.1.mlp.post'))
 */
export function gpt2<const O extends Gpt2Options>(options: O = {} as O): Model<TransformerPoints<Composition<O>>> {
  const { layers, heads, dModel, dMlp, vocab, maxLength, eps } = readOptions('gpt2', options, gpt2Rules)
  return transformer({
    dModel,
    inputs: tokenInputs({ vocab }),
    positions: learnedPositions({ maxLength }),
    blocks: repeated(layers, blockOf(heads, dMlp ?? 4 * dModel, eps)),
    norm: layerNorm({ eps }),
    readout: tiedReadout(),
    initializers: smallNormal('tied'),
  }) as Model
}

function blockOf(heads: number, width: number, eps: number) {
  return { mixer: attention({ heads, bias: true }), mlp: geluMlp({ width }), norm: layerNorm({ eps }) }
}
