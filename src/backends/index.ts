import { matching, oneOf, type Rule, text } from '../core/check.ts'
import { either } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { Backend } from './backend.ts'
import { referenceBackend } from './reference/index.ts'
import { wasmBackend, wasmFmaBackend } from './wasm/index.ts'
import { hasRelaxedSimd } from './wasm/relaxed-simd.ts'

/** The engines, by name. A result has its engine's name: another engine may round differently. */
export const engines = {
  /** Fast: SIMD in WebAssembly, f32. */
  wasm: wasmBackend,
  /** Faster: fused multiply-add as well. Needs Node 22 or a current browser. */
  'wasm-fma': wasmFmaBackend,
  /** Correct: plain TypeScript, f64. */
  reference: async () => referenceBackend('f64'),
  /** The same in f32. */
  'reference-f32': async () => referenceBackend('f32'),
  /** Fast where models are large: ONNX Runtime, f32, on one thread. Needs the package `onnxruntime-node`, or `onnxruntime-web`. */
  onnx: () => onnx(1),
} satisfies Record<string, () => Promise<Backend>>

export type EngineName = keyof typeof engines

/**
 * An engine by its name; `onnx:2` for ONNX Runtime on two threads; `fastest`: `wasm-fma` where it can run, else `wasm`; `auto`:
 * `onnx` for large models where it is installed, else the fastest; or an engine itself, as {@link onnxEngine} makes one.
 */
export type EngineRequest = EngineName | `onnx:${number}` | 'fastest' | 'auto' | Backend

/**
 * The names of all engines. An engine that cannot run here throws `ENGINE` when it is requested.
 *
 * @example
 * import { engineNames } from 'opsin'
 * console.assert(engineNames.includes('wasm') && engineNames.includes('reference'))
 */
export const engineNames = Object.keys(engines) as readonly EngineName[]

export const engineRequests = [...engineNames, 'fastest', 'auto'] as const

export const defaultEngine: EngineName = 'wasm'

const withThreads = matching(/^onnx:[1-9]\d?$/, 'onnx:2, for two threads')

/** An engine by name, as in files and on the command line. */
export const anEngineName: Rule<Exclude<EngineRequest, Backend>> = either(
  `${engineRequests.join(' | ')} | onnx:2, for two threads`,
  oneOf(...engineRequests),
  withThreads as Rule<`onnx:${number}`>,
)

/** An engine or a name; {@link engine} checks that the name exists. */
export const anEngine: Rule<EngineRequest> = {
  expected: 'the name of an engine, or an engine',
  fits: (value) => text.fits(value) || isBackend(value),
}

function isBackend(value: unknown): value is Backend {
  return typeof (value as Partial<Backend> | null | undefined)?.load === 'function'
}

/** The number of parameters from which a model trains faster on `onnx`, each on one thread. */
const LARGE = 100_000

/**
 * Makes an engine ready. Its name is that of the chosen engine, never `fastest` or `auto`.
 *
 * @param parameters the model's number of parameters, for `auto`.
 * @throws OpsinError `NAME` when there is none of this name, `ENGINE` when it cannot run here.
 */
export async function engine(request: EngineRequest = defaultEngine, parameters = 0): Promise<Backend> {
  if (typeof request !== 'string') return request
  if (request === 'auto') return parameters < LARGE ? engines[fastestEngine()]() : largeEngine()
  if (withThreads.fits(request)) return onnx(Number(request.slice('onnx:'.length)))
  const name = (request === 'fastest' ? fastestEngine() : request) as EngineName
  if (!Object.hasOwn(engines, name)) throw unknownName('engine', 'the name of an engine', name, engineRequests)
  return engines[name]()
}

function fastestEngine(): 'wasm' | 'wasm-fma' {
  return hasRelaxedSimd() ? 'wasm-fma' : 'wasm'
}

/** ONNX Runtime where it is installed. */
async function largeEngine(): Promise<Backend> {
  try {
    return await onnx(1)
  } catch (error) {
    if (error instanceof OpsinError && error.code === 'ENGINE') return engines[fastestEngine()]()
    throw error
  }
}

/** Loaded only when requested. */
async function onnx(threads: number): Promise<Backend> {
  const [{ onnxBackend }, updates] = await Promise.all([import('./onnx/index.ts'), wasmBackend()])
  return onnxBackend(updates, { threads })
}

export type { Backend, ProfileSample } from './backend.ts'
