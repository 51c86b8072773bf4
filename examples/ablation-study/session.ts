import { compile, type EngineRequest, type Session } from 'opsin'
import type { LoadedModel } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'

/** What the study reads of each run. */
const read = ['loss', 'logits', 'blocks.1.attn.pattern'] as const
/** What it writes: the outputs of the heads, before the output matrix mixes them. */
const gates = ['blocks.0.attn.z', 'blocks.1.attn.z'] as const

/** A model made ready to run many times, whoever computes. */
export type StudySession = Session<string> & { close(): Promise<void> }

/** `onnxruntime`: the model as an ONNX file, in memory, whose gates ONNX Runtime is fed. All else: an engine of opsin's. */
export async function open({ model, parameters, task }: LoadedModel, engine: string): Promise<StudySession> {
  if (engine !== 'onnxruntime') {
    const session = await compile(model, parameters, { read, engine: engine as EngineRequest })
    return { ...session, close: async () => {} }
  }
  const inputs = { ...task.tables, ...task.evaluator('train', 1) }
  const { bytes } = exportOnnx(model, parameters, { inputs, hooks: read, gates, task })
  return load(bytes)
}
