import { count, flag, type GivenOptions, optional, positive, readOptions } from '../../core/check.ts'
import type { Model } from '../define.ts'
import { tokenInputs } from '../inputs/tokens.ts'
import { attention } from '../mixers/attention.ts'
import { rotary } from '../mixers/rotary.ts'
import { swigluMlp } from '../mlps/swiglu.ts'
import { rmsNorm } from '../norms/rmsnorm.ts'
import { linearReadout } from '../readouts/linear.ts'
import { tiedReadout } from '../readouts/tied.ts'
import { transformer } from '../transformer.ts'
import type { TransformerPoints } from '../transformer-points.ts'
import { type Repeated, repeated } from './repeated.ts'
import { smallNormal } from './small-normal.ts'

/** Rules of the options of {@link llama}. */
export const llamaRules = {
  layers: count(2 ** 10),
  heads: count(2 ** 16),
  /** Heads of keys and values; default `heads`. */
  kvHeads: optional(count(2 ** 16)),
  dModel: count(2 ** 20),
  /** Width of a head; default dModel / heads. */
  dHead: optional(count(2 ** 20)),
  /** Hidden width of the MLPs. */
  dMlp: count(2 ** 20),
  vocab: count(2 ** 24),
  /** Default 10000. */
  rotaryBase: optional(positive, 10_000),
  /** Whether queries, keys and values have biases, as in Qwen 2; default no. */
  qkvBias: optional(flag, false),
  /** Whether the embedding is the read-out; default no. */
  tied: optional(flag, false),
  /** Default 1e-5. */
  eps: optional(positive, 1e-5),
}

/** Options of {@link llama}. */
export type LlamaOptions = GivenOptions<typeof llamaRules>

interface Composition<O extends LlamaOptions> {
  readonly blocks: Repeated<O['layers'], ReturnType<typeof blockOf>>
  readonly norm: ReturnType<typeof rmsNorm>
  readonly readout: ReturnType<typeof linearReadout>
}

/**
 * Llama [Touvron et al. 2023] and its relatives: RMS norms, rotary positions in pairs of halves, keys and values shared by
 * groups of heads, SwiGLU, no biases.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` for sizes that do not fit.
 * @example
 * import { llama } from 'opsin'
 * const model = llama({ layers: 2, heads: 4, kvHeads: 2, dModel: 32, dMlp: 86, vocab: 100 })
 * console.assert(model.hookPoints.has('blocks.1.mlp.gate'))
 */
export function llama<const O extends LlamaOptions>(options: O): Model<TransformerPoints<Composition<O>>> {
  const given = readOptions('llama', options, llamaRules)
  const { layers, dModel, vocab, tied, eps } = given
  return transformer({
    dModel,
    inputs: tokenInputs({ vocab }),
    blocks: repeated(layers, blockOf(given)),
    norm: rmsNorm({ eps }),
    readout: tied ? tiedReadout() : linearReadout({ bias: false }),
    initializers: smallNormal(tied ? 'tied' : 'own'),
  }) as Model
}

interface BlockSizes {
  readonly heads: number
  readonly kvHeads: number | undefined
  readonly dHead: number | undefined
  readonly dMlp: number
  readonly rotaryBase: number
  readonly qkvBias: boolean
  readonly eps: number
}

function blockOf({ heads, kvHeads, dHead, dMlp, rotaryBase, qkvBias, eps }: BlockSizes) {
  const positions = rotary({ base: rotaryBase, pairs: 'halves' })
  return {
    mixer: attention({ heads, kvHeads, dHead, bias: qkvBias ? ['q', 'k', 'v'] : false, with: [positions] }),
    mlp: swigluMlp({ width: dMlp }),
    norm: rmsNorm({ eps }),
  }
}
