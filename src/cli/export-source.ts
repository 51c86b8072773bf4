import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Model, Sizes } from '../architectures/define.ts'
import { modelFromJson } from '../architectures/from-json.ts'
import type { Parameters } from '../architectures/initialize.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { readBytes } from '../io/node/files.ts'
import { load, modelNames } from '../models/index.ts'
import type { Task } from '../tasks/define.ts'
import { type NamedTask, namedTasks } from '../tasks/table.ts'
import { decodeCheckpoint } from '../train/checkpoint.ts'

/** A model with its weights, to export. */
export interface ExportSource {
  readonly model: Model
  readonly parameters: Parameters
  /** The task it was trained on, as JSON. */
  readonly task: { readonly name: string; readonly config: Readonly<Record<string, unknown>> }
  /** The sizes of the task's data; not there for a task that a configuration cannot name. */
  readonly sizes?: Sizes
}

/**
 * The folder of a run, a checkpoint, or the name of a model that comes with opsin.
 *
 * @throws OpsinError `NAME` for what is none of them, `FORMAT` for a damaged file, `VALUE` for a model that its checkpoint does not
 * describe.
 */
export async function exportSource(given: string): Promise<ExportSource> {
  if (existsSync(given))
    return fromCheckpoint(statSync(given).isDirectory() ? join(given, 'checkpoint.safetensors') : given)
  if (modelNames().includes(given)) {
    const { model, parameters, task } = await load(given)
    return { model, parameters, task, sizes: sizesOf(model, task) }
  }
  throw unknownName(
    'export',
    'the folder of a run, a checkpoint, or a model that comes with opsin',
    given,
    modelNames(),
  )
}

function fromCheckpoint(path: string): ExportSource {
  const { identity, state } = decodeCheckpoint(readBytes(path), path)
  const { architecture, ...config } = identity.model as { architecture: string }
  const model = modelFromJson(architecture, config)
  if (model === undefined) {
    throw new OpsinError('VALUE', {
      where: path,
      expected: 'a model that opsin can rebuild from its checkpoint',
      got: `one of a module of your own, ${architecture}`,
      hint: 'Call exportOnnx of opsin/onnx with the model.',
    })
  }
  const { name, ...rest } = identity.task as { name: string }
  const parameters = Object.fromEntries(model.parameters.map((one) => [one.name, state[one.name]])) as Parameters
  const task = rebuilt(name, rest)
  const about = { model, parameters, task: { name, config: rest } }
  return task === undefined ? about : { ...about, sizes: sizesOf(model, task) }
}

/** The task that a checkpoint names, where its config says all of it. */
function rebuilt(name: string, config: object): Task | undefined {
  const table: Readonly<Record<string, NamedTask>> = namedTasks
  try {
    return Object.hasOwn(table, name) ? table[name].make(config) : undefined
  } catch (error) {
    // Data from a file are there by their hash alone.
    if (error instanceof OpsinError) return undefined
    throw error
  }
}

function sizesOf(model: Model, task: Task): Sizes {
  return model.sizes({ ...task.tables, ...task.batch(0, 1) })
}
