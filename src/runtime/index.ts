export type { OrtModule, OrtSession, OrtTensor, RuntimeName } from '../backends/onnx/ort.ts'
export { type OnnxEngineOptions, onnxEngine } from './engine.ts'
export { type LoadOptions, load } from './load.ts'
export type { OnnxSession } from './session.ts'
