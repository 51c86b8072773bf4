export type { RunConfig } from '../config/index.ts'
export { type RunAllOptions, type RunOutcome, runAll } from './run-all.ts'
