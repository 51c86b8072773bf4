import { requireModel } from '../architectures/check.ts'
import type { Model } from '../architectures/define.ts'
import { modelFromJson } from '../architectures/from-json.ts'
import {
  type OrtModule,
  type OrtSession,
  openSession,
  type Runtime,
  type RuntimeName,
  runtimeOf,
  usualRuntime,
  wordsOf,
} from '../backends/onnx/ort.ts'
import { canonicalJson } from '../core/canonical.ts'
import { count, oneOf, optional, type Rule, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf, object } from '../core/fields.ts'
import { Learner } from '../inference/learner.ts'
import { axesOfName } from '../interventions/at.ts'
import { anObjective, type Objective } from '../objectives/objective.ts'
import { type ExternalFiles, externalFiles, sizesBeside, takeIn } from '../onnx/external.ts'
import { beforeGate } from '../onnx/gates.ts'
import { contentsOf, type OnnxContents } from '../onnx/inspect.ts'
import { encodeModelRead } from '../onnx/read/encode-read.ts'
import { exposeValues } from '../onnx/read/expose.ts'
import { readModel } from '../onnx/read/read-model.ts'
import { type OnnxSession, sessionOver } from './session.ts'

/** Options of {@link load}. */
export interface LoadOptions<M extends Model = Model> {
  /**
   * `node` (`onnxruntime-node`) or `web` (`onnxruntime-web`), or such a module itself, as a bundler needs it. Default: what fits
   * where this runs.
   */
  readonly runtime?: RuntimeName | OrtModule
  /** ONNX Runtime's names; the first provider that can run does. Default `cpu` in Node, `wasm` on the web. */
  readonly executionProviders?: readonly string[]
  /** The number of threads; default 1. */
  readonly threads?: number
  /** The file's model, where it has parts of your own. */
  readonly model?: M
  /** The objective of the point `loss`, where the file has it; default cross-entropy with `targets` as ids. */
  readonly objective?: Objective
  /** Names of inner values to read as hook points besides the outputs. */
  readonly hooks?: readonly string[]
  /** The files beside it that hold its large tensors. */
  readonly externalData?: ExternalFiles
}

/** The name of a runtime, or its module. */
export const aRuntime: Rule<RuntimeName | OrtModule> = {
  expected: 'node, web, or the module of a runtime',
  fits: (value) => value === 'node' || value === 'web' || isModule(value),
}

function isModule(value: unknown): boolean {
  const { InferenceSession, Tensor } = (value ?? {}) as Partial<OrtModule>
  return typeof InferenceSession?.create === 'function' && typeof Tensor === 'function'
}

/** ONNX Runtime would ignore an unknown name. */
const aProvider = oneOf('cpu', 'wasm', 'webgpu', 'webnn', 'cuda', 'tensorrt', 'dml', 'coreml', 'xnnpack', 'qnn')

const someProviders: Rule<readonly string[]> = {
  expected: `at least one of ${aProvider.expected}`,
  fits: (value) => listOf(aProvider, '').fits(value) && (value as readonly string[]).length > 0,
}

const table = {
  runtime: optional(aRuntime),
  executionProviders: optional(someProviders),
  threads: optional(count(256), 1),
  model: optional(object as Rule<Model>),
  objective: optional(anObjective),
  hooks: optional(listOf(text, 'names of values'), []),
  externalData: optional(externalFiles, {}),
} satisfies Record<keyof LoadOptions, Rule<any>>

/**
 * Makes an ONNX file ready to run many times on ONNX Runtime, with the hook points that it has. A file that `exportOnnx` has written
 * runs as the model does on every engine of opsin: the same names, selections, interventions (at its gates), receipts and errors. Of
 * a file from another program the outputs and, by `hooks`, inner values can be read.
 *
 * @param bytes the file's contents.
 * @throws OpsinError `ENGINE` for a runtime that is not installed, with the line that installs it; `FORMAT` for what is no sound ONNX
 * file; `NAME` for values that it does not have.
 * @example
 * import { ablate, at, attentionOnly, initialize, tensor } from 'opsin'
 * import { exportOnnx } from 'opsin/onnx'
 * import { load } from 'opsin/runtime'
 * const model = attentionOnly({ layers: 2, heads: 4, dModel: 16, inputs: { kind: 'tokens', vocab: 9 } })
 * const { bytes } = exportOnnx(model, initialize(model, 5), {
 *   sizes: { batch: 1, length: 3 },
 *   hooks: ['blocks.1.attn.pattern'],
 *   gates: ['blocks.1.attn.z'],
 * })
 * const session = await load(bytes)
 * const { cache, receipts } = await session.run(
 *   { tokens: tensor([1, 3], new Int32Array([1, 2, 1])) },
 *   { interventions: [ablate(at(session.model, 'blocks.1.attn.z', { head: 3 }))] },
 * )
 * console.assert(cache['blocks.1.attn.pattern'].shape.join() === '1,4,3,3' && receipts[0].elements === 3 * 4)
 * await session.close()
 */
export async function load<M extends Model = Model>(
  bytes: Uint8Array,
  options: LoadOptions<M> = {},
): Promise<OnnxSession<M>> {
  const given = readOptions('load', options, table)
  const { hooks, externalData, threads } = given
  const read = readModel(bytes, 'load', sizesBeside('load: externalData', externalData))
  const own = contentsOf(read, 'load')
  const learner = learnerOf(own, given.model, given.objective)
  takeIn(read, externalData)
  exposeValues(read, hooks, 'load: hooks')
  const contents = contentsOf(read, 'load')
  const changed = hooks.length > 0 || Object.keys(externalData).length > 0
  const runtime = await runtimeOf(given.runtime ?? usualRuntime())
  const providers = given.executionProviders ?? runtime.providers
  const session = await create(runtime, changed ? encodeModelRead(read, 'load') : bytes, { providers, threads })
  const hidden = (own.opsin?.gates ?? []).map(beforeGate)
  return sessionOver({
    engine: `${runtime.package} ${runtime.version} (${providers.join(', ')})`,
    runtime,
    session,
    contents,
    read: contents.outputs.map(({ name }) => name).filter((name) => !hidden.includes(name)),
    learner,
    axes: (name) => own.opsin?.hooks[name] ?? axesIn(learner?.bare, name),
  })
}

function axesIn(model: Model | undefined, name: string): readonly string[] | undefined {
  return model?.hookPoints.has(name) ? axesOfName(model, name) : undefined
}

/** A file's model: the given one, checked against the metadata, or the one that the metadata describe. */
function learnerOf({ opsin }: OnnxContents, given: Model | undefined, objective: Objective | undefined) {
  if (opsin === undefined) {
    if (given === undefined) return undefined
    const got = 'a file from elsewhere'
    throw new OpsinError('VALUE', { where: 'load: model', expected: 'a file that opsin has written', got })
  }
  const model =
    given === undefined
      ? modelFromJson(opsin.architecture, opsin.config)
      : requireSame(requireModel('load: model', given), opsin)
  return model === undefined ? undefined : new Learner(model, objective)
}

type Described = NonNullable<OnnxContents['opsin']>

function requireSame(model: Model, { architecture, config }: Described): Model {
  const [said, own] = [
    { architecture, ...config },
    { architecture: model.architecture, ...model.config },
  ].map((one) => canonicalJson(JSON.parse(JSON.stringify(one))))
  if (said === own) return model
  throw new OpsinError('VALUE', { where: 'load: model', expected: `the model of the file, ${said}`, got: own })
}

/** @throws OpsinError `FORMAT` for a file that the runtime does not take. */
async function create(
  runtime: Runtime,
  bytes: Uint8Array,
  options: { readonly providers: readonly string[]; readonly threads: number },
): Promise<OrtSession> {
  try {
    return await openSession(runtime, bytes, options)
  } catch (cause) {
    const expected = 'an ONNX file that it can run'
    throw new OpsinError('FORMAT', { where: runtime.package, expected, got: wordsOf(cause), cause })
  }
}
