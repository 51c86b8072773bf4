export type { Recording, RecordingHeader } from './recording.ts'
export { type Deviation, type ReplayOptions, type ReplayReport, replay } from './replay.ts'
