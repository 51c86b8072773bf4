import { unknownName } from '../core/nearest.ts'
import type { Backend } from './backend.ts'
import { referenceBackend } from './reference/index.ts'
import { wasmBackend } from './wasm/index.ts'

/** Everything that can compute a graph, by name. A result tells the name: another one may round differently. */
export const engines = {
  /** Fast: SIMD in WebAssembly, f32. */
  wasm: wasmBackend,
  /** Right: plain TypeScript, f64. */
  reference: async () => referenceBackend('f64'),
  /** The same in f32. */
  'reference-f32': async () => referenceBackend('f32'),
} satisfies Record<string, () => Promise<Backend>>

export type EngineName = keyof typeof engines

/**
 * The names of all engines. Whether one can run here it says itself: it throws `ENGINE` where it cannot.
 *
 * @example
 * import { engineNames } from 'opsin'
 * console.assert(engineNames.includes('wasm') && engineNames.includes('reference'))
 */
export const engineNames = Object.keys(engines) as readonly EngineName[]

export const defaultEngine: EngineName = 'wasm'

/** Makes an engine ready. @throws OpsinError `NAME` when there is none of this name. */
export async function engine(name: EngineName = defaultEngine): Promise<Backend> {
  if (!Object.hasOwn(engines, name)) throw unknownName('engine', 'the name of an engine', name, Object.keys(engines))
  return engines[name]()
}

export type { Backend, ProfileListener, ProfileSample, Program } from './backend.ts'
