export { type AssembledRun, assemble, type Surroundings } from './assemble.ts'
export { parseJson } from './parse-json.ts'
export { recordingSchema } from './recording-schema.ts'
export { type RunConfig, runSchema } from './schema.ts'
