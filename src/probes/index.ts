export { accuracyProbe, inContextAccuracyProbe } from './accuracy.ts'
export type { Probe, Reading } from './define.ts'
export { inductionStrength } from './induction-strength.ts'
export { lossProbe } from './loss.ts'
