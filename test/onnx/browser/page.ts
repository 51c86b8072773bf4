import * as ort from 'onnxruntime-web/wasm'
import type { Intervention, Tensor } from '../../../src/index.ts'
import { load } from '../../../src/runtime/index.ts'
import type { RunFile, Values } from '../../support/onnx.ts'

// What a test asks of a page: a file run by ONNX Runtime, and one run in a session of opsin's. The policy of the page forbids
// workers of other places, so there is one thread.
ort.env.wasm.numThreads = 1
ort.env.wasm.wasmPaths = { wasm: new URL('ort-wasm-simd-threaded.wasm', import.meta.url).href }

const run: RunFile = async (bytes, inputs) => {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 })
  const read = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name))
  const feeds = read.map(([name, { dims, data }]) => [name, new ort.Tensor(data as Float32Array, dims)])
  const results = await session.run(Object.fromEntries(feeds))
  await session.release()
  return plain(Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]))
}

type Lists = readonly (readonly Intervention[])[]

/** One run for each list of interventions. */
async function inSession(bytes: Uint8Array, inputs: Record<string, Tensor>, lists: Lists) {
  const session = await load(bytes, { runtime: ort })
  const ran = []
  for (const interventions of lists) {
    const { cache, engine } = await session.run(inputs, { interventions })
    const values = Object.entries(cache).map(([name, { shape, data }]) => [name, { dims: shape, data }] as const)
    ran.push({ engine, values: plain(values) })
  }
  await session.close()
  return ran
}

const plain = (entries: readonly (readonly [string, Values[string]])[]): Values => Object.fromEntries(entries)

const asked = { run, inSession }
export type Asked = typeof asked
Object.assign(globalThis, { asked })
