// The presets: one line a file.

export { type Gpt2Options, gpt2 } from './gpt2.ts'
export type { InputsJson } from './inputs-json.ts'
export { type LlamaOptions, llama } from './llama.ts'
export { type NeoxOptions, neox } from './neox.ts'
export { type AttentionOnlyOptions, attentionOnly, preNorm } from './pre-norm.ts'
export type { PreNormOptions } from './pre-norm-options.ts'
export { repeated } from './repeated.ts'
