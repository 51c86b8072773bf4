import { attentionOnly, gpt2, llama, type Model, neox, preNorm } from 'opsin'

/** By preset: a model that is as small as can be. */
export const presets: Readonly<Record<string, Model>> = {
  attentionOnly: attentionOnly({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 7 } }),
  preNorm: preNorm({
    layers: 2,
    heads: 2,
    dModel: 8,
    mlpRatio: 2,
    inputs: { kind: 'tokens', vocab: 7 },
    readout: 'all',
  }),
  gpt2: gpt2({ layers: 2, heads: 2, dModel: 8, vocab: 7, maxLength: 8 }),
  neox: neox({ layers: 2, heads: 2, dModel: 16, vocab: 7 }),
  llama: llama({ layers: 2, heads: 2, dModel: 8, vocab: 7, dMlp: 12 }),
}
