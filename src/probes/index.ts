export { accuracyProbe, inContextAccuracyProbe } from './accuracy.ts'
export type { Probe, ProbeOptions, Reading } from './define.ts'
export { type InductionStrengthOptions, inductionStrength } from './induction-strength.ts'
export { lossProbe } from './loss.ts'
