export { at, type SelectionOf, type SiteOptions } from './at.ts'
export type { GradientRule, InterventionOptions, Phase, Site } from './define.ts'
export { fromIclDynamics, type IclDynamicsOptions } from './from-icl-dynamics.ts'
export { interventionsFrom } from './from-json.ts'
export { hashInterventions } from './hash.ts'
export { type Ablate, ablate } from './kinds/ablate.ts'
export { type Clamp, clamp } from './kinds/clamp.ts'
export { type Forbid, forbid } from './kinds/forbid.ts'
export type { Intervention } from './kinds/index.ts'
export { type Patch, patch } from './kinds/patch.ts'
export { type Scale, scale } from './kinds/scale.ts'
export { during, duringSteps, type Window } from './schedule.ts'
export { type AxisSelection, type Except, except, type Range, range, type Selection } from './select.ts'
export { type ActivationSource, activation } from './sources/activation.ts'
export { type CopySource, copyFrom } from './sources/copy.ts'
export type { CustomSource } from './sources/custom.ts'
export type { ConstantSource, LiveSource, Source, SourceInput } from './sources/index.ts'
export {
  type InductionSource,
  induction,
  type MatchSource,
  match,
  type PreviousTokenSource,
  previousToken,
} from './sources/patterns.ts'
