// The presets: one line a file.
export type { InputsJson } from './inputs-json.ts'
export { type AttentionOnlyOptions, attentionOnly, preNorm } from './pre-norm.ts'
export type { PreNormOptions } from './pre-norm-options.ts'
export { repeated } from './repeated.ts'
