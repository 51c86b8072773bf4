import { belowOne, count, flag, type GivenOptions, optional, positive, readOptions } from '../../core/check.ts'
import type { Model } from '../define.ts'
import { tokenInputs } from '../inputs/tokens.ts'
import { attention } from '../mixers/attention.ts'
import { rotary } from '../mixers/rotary.ts'
import { exactGeluMlp } from '../mlps/gelu-exact.ts'
import { layerNorm } from '../norms/layernorm.ts'
import { linearReadout } from '../readouts/linear.ts'
import { transformer } from '../transformer.ts'
import type { TransformerPoints } from '../transformer-points.ts'
import { type Repeated, repeated } from './repeated.ts'
import { smallNormal } from './small-normal.ts'

/** Rules of the options of {@link neox}. */
export const neoxRules = {
  /** Default 6. */
  layers: optional(count(2 ** 10), 6),
  /** Default 8. */
  heads: optional(count(2 ** 16), 8),
  /** Default 512. */
  dModel: optional(count(2 ** 20), 512),
  /** Hidden width of the MLPs; default 4 · dModel. */
  dMlp: optional(count(2 ** 20)),
  /** Default 50304. */
  vocab: optional(count(2 ** 24), 50_304),
  /** Share of each head that rotary positions turn; default a quarter. */
  rotaryShare: optional(belowOne, 0.25),
  /** Default 10000. */
  rotaryBase: optional(positive, 10_000),
  /** Whether MLPs read what attention reads, rather than what it gives; default yes. */
  parallel: optional(flag, true),
  /** Default 1e-5. */
  eps: optional(positive, 1e-5),
}

/** Options of {@link neox}; what is left out is as in Pythia-70M. */
export type NeoxOptions = GivenOptions<typeof neoxRules>

interface Composition<O> {
  readonly blocks: Repeated<
    O extends { readonly layers: infer N extends number } ? N : 6,
    NeoxBlock & { readonly parallel: O extends { readonly parallel: infer P } ? P : true }
  >
  readonly norm: ReturnType<typeof layerNorm>
  readonly readout: ReturnType<typeof linearReadout>
}

type NeoxBlock = Omit<ReturnType<typeof blockOf>, 'parallel'>

/**
 * GPT-NeoX, the architecture of Pythia [Black et al. 2022; Biderman et al. 2023]: rotary positions on a part of each head in
 * pairs of halves, attention and MLP side by side, the exact GELU, biases everywhere but in the read-out.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` for sizes that do not fit.
 * @example
 * import { neox } from 'opsin'
 * const model = neox({ layers: 2, heads: 4, dModel: 64, vocab: 100 })
 * console.assert(!model.hookPoints.has('blocks.0.resid_mid'))
 */
export function neox<const O extends NeoxOptions>(options: O = {} as O): Model<TransformerPoints<Composition<O>>> {
  const given = readOptions('neox', options, neoxRules)
  const { layers, dModel, dMlp, vocab, eps } = given
  return transformer({
    dModel,
    inputs: tokenInputs({ vocab }),
    blocks: repeated(layers, blockOf({ ...given, dMlp: dMlp ?? 4 * dModel })),
    norm: layerNorm({ eps }),
    readout: linearReadout({ bias: false }),
    initializers: smallNormal('own'),
  }) as Model
}

interface BlockSizes {
  readonly heads: number
  readonly dMlp: number
  readonly rotaryShare: number
  readonly rotaryBase: number
  readonly parallel: boolean
  readonly eps: number
}

function blockOf({ heads, dMlp, rotaryShare, rotaryBase, parallel, eps }: BlockSizes) {
  const positions = rotary({ base: rotaryBase, share: rotaryShare, pairs: 'halves' })
  return {
    mixer: attention({ heads, bias: true, with: [positions] }),
    mlp: exactGeluMlp({ width: dMlp }),
    norm: layerNorm({ eps }),
    parallel,
  }
}
