import { unknownName } from '../core/nearest.ts'
import type { Backend } from './backend.ts'
import { referenceBackend } from './reference/index.ts'
import { wasmBackend, wasmFmaBackend } from './wasm/index.ts'
import { hasRelaxedSimd } from './wasm/relaxed-simd.ts'

/** Everything that can compute a graph, by name. A result tells the name: another one may round differently. */
export const engines = {
  /** Fast: SIMD in WebAssembly, f32. */
  wasm: wasmBackend,
  /** Faster: fused multiply-add as well. Needs Node 22 or a current browser. */
  'wasm-fma': wasmFmaBackend,
  /** Right: plain TypeScript, f64. */
  reference: async () => referenceBackend('f64'),
  /** The same in f32. */
  'reference-f32': async () => referenceBackend('f32'),
  /** Fast where models are large: ONNX Runtime, f32, with one thread. It has to be installed. */
  onnx: async () => onnxBackendOver(1),
} satisfies Record<string, () => Promise<Backend>>

export type EngineName = keyof typeof engines

/** An engine by its name, or `fastest`: `wasm-fma` where it can run, else `wasm`. */
export type EngineRequest = EngineName | 'fastest'

/**
 * The names of all engines. Whether one can run here it says itself: it throws `ENGINE` where it cannot.
 *
 * @example
 * import { engineNames } from 'opsin'
 * console.assert(engineNames.includes('wasm') && engineNames.includes('reference'))
 */
export const engineNames = Object.keys(engines) as readonly EngineName[]

export const engineRequests = [...engineNames, 'fastest'] as const

export const defaultEngine: EngineName = 'wasm'

/**
 * Makes an engine ready. Its name is never `fastest`.
 *
 * @throws OpsinError `NAME` when there is none of this name, `ENGINE` when it cannot run here.
 */
export async function engine(request: EngineRequest = defaultEngine): Promise<Backend> {
  const name = request === 'fastest' ? fastestEngine() : request
  if (!Object.hasOwn(engines, name)) throw unknownName('engine', 'the name of an engine', name, engineRequests)
  return engines[name]()
}

/** Only who asks for it loads it. */
async function onnxBackendOver(threads: number): Promise<Backend> {
  const [{ onnxBackend }, updates] = await Promise.all([import('./onnx/index.ts'), wasmBackend()])
  return onnxBackend(updates, threads)
}

function fastestEngine(): EngineName {
  return hasRelaxedSimd() ? 'wasm-fma' : 'wasm'
}

export type { Backend, ProfileSample } from './backend.ts'
