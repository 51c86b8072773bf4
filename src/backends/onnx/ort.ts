import { OpsinError } from '../../core/errors.ts'

/** The part of ONNX Runtime's interface that is used; `onnxruntime-node` and `onnxruntime-web` both have it. */
export interface OrtModule {
  readonly Tensor: new (type: any, data: any, dims: readonly number[]) => OrtTensor
  readonly InferenceSession: { create(model: Uint8Array, options?: any): Promise<OrtSession> }
  readonly env: OrtEnvironment
}

/** Settings for all sessions of a process. */
interface OrtEnvironment {
  readonly versions?: Readonly<Record<string, string | undefined>>
  readonly wasm?: { numThreads?: number | undefined }
}

/** A tensor of ONNX Runtime. */
export interface OrtTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: any
}

/** A model that ONNX Runtime has loaded. */
export interface OrtSession {
  /** @param fetches names of outputs, or tensors to write them into, by name. */
  run(feeds: Record<string, any>, fetches: any): Promise<Record<string, any>>
  release(): Promise<void>
}

/** A runtime, by the package that brings it. */
export interface Runtime {
  readonly package: string
  readonly version: string
  readonly module: OrtModule
  /** Default execution providers: always named, since two runtimes in one process may otherwise run each other's sessions. */
  readonly providers: readonly string[]
  /** Whether it writes into tensors that it is given for outputs. The web runtime accepts them, but leaves them unchanged. */
  readonly writesOutputs: boolean
  /** Options of a session with this number of threads. */
  threads(count: number): Readonly<Record<string, unknown>>
}

/** The runtimes that can be asked for by name. */
export type RuntimeName = 'node' | 'web'

type Importers = Readonly<Record<RuntimeName, () => Promise<unknown>>>

const packages: Importers = {
  // The names are in variables so that bundlers leave them alone, and users without ONNX Runtime install nothing.
  node: (name = 'onnxruntime-node') => import(/* @vite-ignore */ name) as Promise<unknown>,
  web: (name = 'onnxruntime-web') => import(/* @vite-ignore */ name) as Promise<unknown>,
}

/**
 * The runtime of this name, or the one that a module is: `import * as ort from 'onnxruntime-web/webgpu'`.
 *
 * @param from how packages are imported.
 * @throws OpsinError `ENGINE` for one that is not installed, with the line that installs it.
 */
export async function runtimeOf(asked: RuntimeName | OrtModule, from: Importers = packages): Promise<Runtime> {
  if (typeof asked !== 'string') return describe(asked, isNode(asked) ? 'node' : 'web')
  try {
    const loaded = (await from[asked]()) as OrtModule & { readonly default?: OrtModule }
    return describe(loaded.InferenceSession === undefined ? (loaded.default as OrtModule) : loaded, asked)
  } catch (cause) {
    throw notThere(asked, cause)
  }
}

/** The largest length of a runtime's message in an error. */
const LONGEST = 500

/** The message of a runtime's error. */
export function wordsOf(cause: unknown): string {
  const words = cause instanceof Error ? cause.message : String(cause)
  return words.length <= LONGEST ? words : `${words.slice(0, LONGEST)} …`
}

/** The default runtime here. */
export function usualRuntime(): RuntimeName {
  return typeof process === 'object' && typeof process.versions?.node === 'string' ? 'node' : 'web'
}

/** A session for a file, on these providers and threads. What the runtime throws is the caller's to name. */
export function openSession(
  { module, providers: usual, threads: withThreads }: Runtime,
  file: Uint8Array,
  { threads, providers = usual }: { readonly threads: number; readonly providers?: readonly string[] },
): Promise<OrtSession> {
  const options = { executionProviders: [...providers], logSeverityLevel: 4, ...withThreads(threads) }
  return module.InferenceSession.create(file, options)
}

/** Calls the runtime; an error of its own becomes `ENGINE`, with the runtime's words. */
export async function running<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    throw new OpsinError('ENGINE', { where, expected: 'a run to its end', got: wordsOf(cause), cause })
  }
}

function isNode({ env }: OrtModule): boolean {
  return env.versions?.node !== undefined && env.versions.web === undefined
}

function describe(module: OrtModule, name: RuntimeName): Runtime {
  const version = module.env.versions?.[name] ?? module.env.versions?.common ?? ''
  if (name === 'node') {
    const threads = (count: number) => ({ intraOpNumThreads: count, interOpNumThreads: 1 })
    return { package: 'onnxruntime-node', version, module, providers: ['cpu'], writesOutputs: true, threads }
  }
  const threads = (count: number) => {
    // Counts for the whole process, and only before the first session.
    if (module.env.wasm !== undefined) module.env.wasm.numThreads = count
    return {}
  }
  return { package: 'onnxruntime-web', version, module, providers: ['wasm'], writesOutputs: false, threads }
}

function notThere(name: RuntimeName, cause: unknown): OpsinError {
  const own = `onnxruntime-${name}`
  // Its install script would download CUDA, which is not needed.
  const line = name === 'node' ? `ONNXRUNTIME_NODE_INSTALL=skip npm i ${own}` : `npm i ${own}`
  const got = wordsOf(cause).split('\n')[0]
  const inBundle = "; in a bundle, hand the module over: { runtime: await import('onnxruntime-web/wasm') }"
  return new OpsinError('ENGINE', {
    where: `runtime "${name}"`,
    expected: `the package ${own}, which is not part of opsin`,
    got,
    hint: `Install it: ${line}${name === 'web' ? inBundle : ''}`,
    cause,
  })
}
