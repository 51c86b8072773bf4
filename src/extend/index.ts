// The door for those who add to opsin: everything that the house's own parts are made with.

export { type GivenInputs, requireBelow, requireInput } from '../architectures/given-inputs.ts'
export type { Initializer } from '../architectures/initializers/index.ts'
export { defineInputs, type Inputs } from '../architectures/inputs/input.ts'
export { defineMixer, type Mixer } from '../architectures/mixers/mixer.ts'
export { defineModifier, type HeadSizes, type HeadValue, type Modifier } from '../architectures/mixers/modifier.ts'
export { defineElementwiseMlp, defineMlp, type Mlp, mlpOptions } from '../architectures/mlps/mlp.ts'
export { defineModel, type ModelDefinition } from '../architectures/model.ts'
export { defineNorm, type Norm } from '../architectures/norms/norm.ts'
export { bias, embedding, gain, weight } from '../architectures/parameters.ts'
export type { Part, PartKind, Place, PointTable } from '../architectures/part.ts'
export {
  hiddenUnits,
  normScale,
  perEdge,
  perHead,
  perHeadResult,
  perToken,
  predictions,
  scalar,
} from '../architectures/points.ts'
export { definePositions, type PositionCode } from '../architectures/positions/positions.ts'
export { defineReadout, type Readout } from '../architectures/readouts/readout.ts'
export { defineResidual, type Residual } from '../architectures/residuals/residual.ts'
export {
  anything,
  check,
  count,
  finite,
  flag,
  fraction,
  type GivenOptions,
  integer,
  notNegative,
  type OptionsOf,
  type OptionTable,
  oneOf,
  optional,
  positive,
  type Rule,
  readOptions,
  text,
} from '../core/check.ts'
export { philox, type Rng } from '../core/rng.ts'
export { GraphBuilder } from '../graph/build.ts'
export type { Feed, Feeder, Graph, NodeId } from '../graph/node.ts'
export { print } from '../graph/print.ts'
export type { SiteContext, SourceKind, Values } from '../interventions/define.ts'
export { defineSource } from '../interventions/sources/index.ts'
export { defineObjective, type Predictions } from '../objectives/objective.ts'
export { defineOp, float, type KernelCall, type OpDef, requireInputs, type VjpContext } from '../ops/define.ts'
export { elementwise } from '../ops/shared/elementwise.ts'
export { rowLoss } from '../ops/shared/row-loss.ts'
