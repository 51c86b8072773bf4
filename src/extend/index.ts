// The door for those who add to opsin: everything that the house's own parts are made with.

export { type GivenInputs, requireBelow, requireInput } from '../architectures/given-inputs.ts'
export type { Initializer } from '../architectures/initializers/index.ts'
export { defineInputs, type Inputs } from '../architectures/inputs/input.ts'
export { defineMixer, type Mixer } from '../architectures/mixers/mixer.ts'
export { defineModifier, type HeadSizes, type HeadValue, type Modifier } from '../architectures/mixers/modifier.ts'
export { defineElementwiseMlp, defineMlp, type Mlp } from '../architectures/mlps/mlp.ts'
export { defineModel, type ModelDefinition } from '../architectures/model.ts'
export { defineNorm, type Norm } from '../architectures/norms/norm.ts'
export { parameters } from '../architectures/parameters.ts'
export type { Part, PartKind, Place, PointTable } from '../architectures/part.ts'
export { points } from '../architectures/points.ts'
export { definePositions, type PositionCode } from '../architectures/positions/positions.ts'
export { defineReadout, type Readout } from '../architectures/readouts/readout.ts'
export { defineResidual, type Residual } from '../architectures/residuals/residual.ts'
export { check, type GivenOptions, type OptionsOf, type OptionTable, type Rule, readOptions } from '../core/check.ts'
export type { Feed, Feeder, Graph, NodeId } from '../graph/node.ts'
export type { SiteContext, SourceKind, Values } from '../interventions/define.ts'
export { defineSource } from '../interventions/sources/custom.ts'
export { defineObjective, type Predictions } from '../objectives/objective.ts'
export {
  type Axes,
  defineOp,
  float,
  type KernelCall,
  type Loop,
  type Memory,
  type Moves,
  type OpDef,
  type Rewrite,
  requireInputs,
  type VjpContext,
} from '../ops/define.ts'
export { allBut, eachElement, eachRow, loops, none } from '../ops/shared/axes.ts'
export { elementwise } from '../ops/shared/elementwise.ts'
export { rowLoss } from '../ops/shared/row-loss.ts'
export { rules } from './rules.ts'
