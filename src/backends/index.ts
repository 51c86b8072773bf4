import { matching, oneOf, type Rule, text } from '../core/check.ts'
import { either } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
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
 * The names of all engines. Whether one can run here it says itself: it throws `ENGINE` where it cannot.
 *
 * @example
 * import { engineNames } from 'opsin'
 * console.assert(engineNames.includes('wasm') && engineNames.includes('reference'))
 */
export const engineNames = Object.keys(engines) as readonly EngineName[]

export const engineRequests = [...engineNames, 'fastest', 'auto'] as const

export const defaultEngine: EngineName = 'wasm'

const withThreads = matching(/^onnx:[1-9]\d?$/, 'onnx:2, for two threads')

/** What asks for an engine in words, as files and the command line do. */
export const anEngineName: Rule<Exclude<EngineRequest, Backend>> = either(
  `${engineRequests.join(' | ')} | onnx:2, for two threads`,
  oneOf(...engineRequests),
  withThreads as Rule<`onnx:${number}`>,
)

/** What asks for an engine; whether there is one of that name, {@link engine} says. */
export const anEngine: Rule<EngineRequest> = {
  expected: 'the name of an engine, or an engine',
  fits: (value) => text.fits(value) || isBackend(value),
}

function isBackend(value: unknown): value is Backend {
  return typeof (value as Partial<Backend> | null | undefined)?.load === 'function'
}

/** From how many parameters on a model trains faster on `onnx`, one thread against one; see docs/benchmarks.md. */
const LARGE = 100_000

/**
 * Makes an engine ready. Its name says who computes, never `fastest` or `auto`.
 *
 * @param parameters how many a model has, for `auto`.
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

/** Only who asks for it loads it. */
async function onnx(threads: number): Promise<Backend> {
  const [{ onnxBackend }, updates] = await Promise.all([import('./onnx/index.ts'), wasmBackend()])
  return onnxBackend(updates, { threads })
}

export type { Backend, ProfileSample } from './backend.ts'
