export { checkModel } from './check-model.ts'
export { checkOp } from './check-op.ts'
export {
  checkGradient,
  type GradientCheckOptions,
  type GradientReport,
  type ParameterCheck,
} from './grad-check.ts'
export { drawFrom, type SampleValue, sampleValues } from './sample.ts'
