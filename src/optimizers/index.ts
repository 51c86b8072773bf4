export { type AdamOptions, adam } from './adam.ts'
export { type AdamWOptions, adamW } from './adam-w.ts'
export type { Optimizer } from './define.ts'
export { optimizerFrom } from './from-config.ts'
export { type Group, type Groups, type GroupsOptions, groups } from './groups.ts'
export {
  type ConstantScheduleOptions,
  type CosineScheduleOptions,
  constantSchedule,
  cosineSchedule,
  type LinearScheduleOptions,
  linearSchedule,
  type Rate,
  type Schedule,
  type StepScheduleOptions,
  stepSchedule,
  type WarmUpScheduleOptions,
  warmUpSchedule,
} from './schedules/index.ts'
export { type SgdOptions, sgd } from './sgd.ts'
export type { Turns } from './turns.ts'
