import { normal } from '../initializers/normal.ts'
import type { InitializerRule } from '../transformer.ts'

/** Embeddings and matrices as GPT-2 and its successors start them: normal with a standard deviation of 0.02. */
export function smallNormal(readout: 'tied' | 'own'): readonly InitializerRule[] {
  const match = ['embed.*', '*.attn.*.weight', '*.mlp.*.weight', ...(readout === 'own' ? ['unembed.weight'] : [])]
  return [{ match, initializer: normal({ deviation: 0.02 }) }]
}
