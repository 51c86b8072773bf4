import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import { type AssembledRun, aRun, assemble, parseJson } from '../config/index.ts'
import { optional, positive, readOptions } from '../core/check.ts'
import { internal, OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { checkParameters } from '../inference/state.ts'
import { readBytes, readText } from '../io/node/files.ts'
import { readTensorFile } from '../io/node/tensor-file.ts'
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts'
import type { Task } from '../tasks/define.ts'
import { train } from '../train/training.ts'
import { filesIn } from '../workers/surroundings.ts'

/** A trained model that comes with the package. */
export interface LoadedModel {
  readonly model: Model
  readonly parameters: Parameters
  /** The task it was trained on. */
  readonly task: Task
}

/**
 * The names of the trained models that come with the package.
 *
 * @example
 * import { modelNames } from 'opsin/models'
 * console.assert(modelNames().includes('induction-2l8h'))
 */
export function modelNames(): string[] {
  return readdirSync(folderOfModels(), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/**
 * A trained model that comes with the package, ready to run, with the task that it was trained on; or what it was at one of
 * its checkpoints. Where the file of a checkpoint is not there (the npm package has none), the model is trained up to it again,
 * some seconds, and must come to the same bits.
 *
 * @param options `sequences`: a moment of {@link checkpointsOf}; default the end of training.
 * @throws OpsinError `NAME` for a model or a checkpoint that is not there, with the nearest; `FORMAT` for weights that are not
 * those of the checkpoint.
 * @example
 * import { ablate, at, runWithCache } from 'opsin'
 * import { load } from 'opsin/models'
 * const { model, parameters, task } = await load('induction-2l8h')
 * const inputs = { ...task.tables, ...task.evaluator('train', 100) }
 * const { cache } = await runWithCache(model, parameters, inputs, {
 *   cache: ['loss'],
 *   interventions: [ablate(at(model, 'blocks.1.attn.z', { head: 3 }))],
 * })
 * console.assert(cache.loss.data[0] > 0)
 * const early = await load('induction-2l8h', { sequences: 50_000 })
 */
export async function load(name: string, options: { readonly sequences?: number } = {}): Promise<LoadedModel> {
  const { sequences } = readOptions('load', options, { sequences: optional(positive) })
  const folder = folderOf('load', name)
  const wanted = sequences === undefined ? undefined : checkpointAt(folder, sequences)
  const recipe = join(folder, 'train.json')
  const run = await assemble(parseJson(aRun, readText(recipe), recipe), filesIn(folder))
  const parameters =
    wanted === undefined
      ? (readTensorFile(join(folder, 'weights.safetensors')).tensors as Parameters)
      : await checkpointParametersAt(folder, wanted, run)
  checkParameters(run.model, parameters)
  return { model: run.model, parameters, task: run.task }
}

/**
 * The moments of its training, in sequences seen, at which a model can be loaded besides its end.
 *
 * @throws OpsinError `NAME` for a name that no model has, with the nearest.
 * @example
 * import { checkpointsOf } from 'opsin/models'
 * console.assert(checkpointsOf('induction-2l8h').includes(200_000))
 */
export function checkpointsOf(name: string): number[] {
  return listed(folderOf('checkpointsOf', name)).map(({ sequences }) => sequences)
}

/** A moment of a training, and the hash of the safetensors file of its weights. */
interface Listed {
  readonly sequences: number
  readonly sha256: string
}

function listed(folder: string): Listed[] {
  const path = join(folder, 'curve.json')
  return existsSync(path) ? JSON.parse(readText(path)).checkpoints : []
}

function checkpointAt(folder: string, sequences: number): Listed {
  const all = listed(folder)
  const found = all.find((one) => one.sequences === sequences)
  if (found !== undefined) return found
  const distance = (one: Listed) => Math.abs(one.sequences - sequences)
  const nearest = all.reduce((best, one) => (distance(one) < distance(best) ? one : best), all[0])
  throw new OpsinError('NAME', {
    where: 'load: sequences',
    expected: `one of ${all.map((one) => one.sequences).join(', ')}`,
    got: String(sequences),
    hint: nearest === undefined ? 'This model has no checkpoints.' : `The nearest is ${nearest.sequences}.`,
  })
}

/** From its file, or by training up to there; either way the bits that are listed. */
async function checkpointParametersAt(folder: string, { sequences, sha256 }: Listed, run: AssembledRun) {
  const path = join(folder, 'checkpoints', `${sequences}.safetensors`)
  const bytes = existsSync(path) ? readBytes(path) : writeSafetensors(await retrained(run, sequences))
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got === sha256) return readSafetensors(bytes).tensors as Parameters
  throw new OpsinError('FORMAT', { where: path, expected: `SHA-256 ${sha256}`, got, hint: 'Install opsin again.' })
}

async function retrained({ model, task, options }: AssembledRun, sequences: number): Promise<Parameters> {
  const unmeasured = { ...options, probes: [], checkpointEvery: sequences, sequences }
  return (await train(model, task, unmeasured)).parameters
}

function folderOf(where: string, name: string): string {
  const names = modelNames()
  if (!names.includes(name)) throw unknownName(where, 'a model that comes with opsin', name, names)
  return join(folderOfModels(), name)
}

/** The folder `models` of the installed package: this file is somewhere below its root, built or not. */
function folderOfModels(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'models')
  }
  throw internal('load', 'a package around this file', import.meta.url)
}
