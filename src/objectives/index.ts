// The kinds of objective: one line a file.
export * from './binary-cross-entropy.ts'
export * from './cross-entropy.ts'
export type { Objective } from './objective.ts'
export * from './squared-error.ts'
export * from './weighted-sum.ts'
export { withObjective } from './with-objective.ts'
