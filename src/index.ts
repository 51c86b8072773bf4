// The public door: re-exports only.
export { type AxesOf, type HookName, type Model, type ParameterSpec, type Sizes } from './architectures/define.ts'
export { type AttentionOnlyOptions, attentionOnly, type Inputs } from './architectures/attention-only/index.ts'
export { initialize, type Parameters } from './architectures/initialize.ts'
export type { Axis } from './core/axes.ts'
export { type ErrorCode, OpsinError } from './core/errors.ts'
export { type Tensor, tensor } from './core/tensor.ts'
export * from './interventions/index.ts'
export * from './tasks/index.ts'
