import type { Backend } from '../backends/backend.ts'
import { onnxBackend } from '../backends/onnx/index.ts'
import { usualRuntime } from '../backends/onnx/ort.ts'
import { wasmBackend } from '../backends/wasm/index.ts'
import { count, optional, readOptions } from '../core/check.ts'
import { aRuntime, type LoadOptions } from './load.ts'

/** Options of {@link onnxEngine}. */
export type OnnxEngineOptions = Pick<LoadOptions, 'runtime' | 'threads'>

const table = { runtime: optional(aRuntime), threads: optional(count(256), 1) }

/**
 * ONNX Runtime as an engine for training and inference: as `engine: 'onnx'`, with a given module. A bundler needs
 * that, since it does not see a package that is named at run time.
 *
 * @throws OpsinError `ENGINE` for a runtime that is not installed, with the line that installs it.
 * @example
 * import * as ort from 'onnxruntime-node'
 * import { attentionOnly, fewShot, train } from 'opsin'
 * import { onnxEngine } from 'opsin/runtime'
 * const engine = await onnxEngine({ runtime: ort })
 * const run = await train(attentionOnly({ layers: 1, heads: 2, dModel: 8 }), fewShot({ classes: 20 }), { sequences: 64, engine })
 * console.assert(run.engine.startsWith('onnxruntime-node'))
 */
export async function onnxEngine(options: OnnxEngineOptions = {}): Promise<Backend> {
  const { runtime = usualRuntime(), threads } = readOptions('onnxEngine', options, table)
  return onnxBackend(await wasmBackend(), { runtime, threads })
}
