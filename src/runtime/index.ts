export { type LoadOptions, load } from './load.ts'
export type { OrtModule, OrtSession, OrtTensor, RuntimeName } from './ort.ts'
export type { OnnxSession } from './session.ts'
