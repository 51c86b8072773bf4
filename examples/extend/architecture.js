// A new architecture, composed of parts: means and attention take turns, with softsign MLPs.
import { attention, layerNorm, learnedPositions, linearReadout, tokenInputs, transformer } from 'opsin'
import { runningMean } from './mixer.js'
import { softsignMlp } from './mlp.js'

export function meanAndAttention({ heads = 2, dModel = 16, vocab = 2, outputs = 1, length = 6 } = {}) {
  const model = transformer({
    dModel,
    inputs: tokenInputs({ vocab }),
    positions: learnedPositions({ maxLength: length }),
    blocks: [
      { mixer: runningMean(), mlp: softsignMlp({ width: 2 * dModel }), norm: layerNorm() },
      { mixer: attention({ heads }), norm: layerNorm() },
    ],
    readout: linearReadout({ outputs }),
  })
  return { ...model, architecture: 'extend/mean-and-attention' }
}
