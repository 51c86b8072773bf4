import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import { assemble, parseJson, runSchema } from '../config/index.ts'
import { internal } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { checkParameters } from '../inference/state.ts'
import { readText } from '../io/node/files.ts'
import { readTensorFile } from '../io/node/tensor-file.ts'
import type { Task } from '../tasks/define.ts'
import { filesIn } from '../workers/surroundings.ts'

/** A trained model that comes with the package. */
export interface LoadedModel {
  readonly model: Model
  readonly parameters: Parameters
  /** What it was trained on. */
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
 * A trained model that comes with the package, ready to run, with the task that it was trained on.
 *
 * @throws OpsinError `NAME` for a name that no model has, with the nearest.
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
 */
export async function load(name: string): Promise<LoadedModel> {
  const names = modelNames()
  if (!names.includes(name)) throw unknownName('load', 'a model that comes with opsin', name, names)
  const folder = join(folderOfModels(), name)
  const recipe = join(folder, 'train.json')
  const { model, task } = await assemble(parseJson(runSchema, readText(recipe), recipe), filesIn(folder))
  const parameters = readTensorFile(join(folder, 'weights.safetensors')).tensors as Parameters
  checkParameters(model, parameters)
  return { model, parameters, task }
}

/** The folder `models` of the installed package: this file is somewhere below its root, built or not. */
function folderOfModels(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'models')
  }
  throw internal('load', 'a package around this file', import.meta.url)
}
