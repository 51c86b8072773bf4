import type { OrtSession, Runtime } from '../backends/onnx/ort.ts'
import type { Learner } from '../inference/learner.ts'
import type { OnnxContents } from '../onnx/inspect.ts'

/** An opened file. */
export interface OpenFile {
  readonly engine: string
  readonly runtime: Runtime
  readonly session: OrtSession
  readonly contents: OnnxContents
  /** The names that each run reads. */
  readonly read: readonly string[]
  /** The model with its objective, where it is known. */
  readonly learner?: Learner | undefined
  /** The axes of a value, where they are known. */
  axes(name: string): readonly string[] | undefined
}
