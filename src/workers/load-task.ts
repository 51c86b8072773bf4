import { OpsinError } from '../core/errors.ts'
import type { Task } from '../tasks/define.ts'
import { make, placeOf } from './load-module.ts'

type Options = Readonly<Record<string, unknown>>

/**
 * The task that a module's exported function makes of the options. Its config tells, besides its own, the options and a hash
 * of the module: another text is another task, wherever it lies.
 *
 * @throws OpsinError as {@link make}, and `VALUE` for a function that gives no task.
 */
export async function loadTask(path: string, options: Options, name?: string): Promise<Task> {
  const { value, module } = await make(path, 'a task', options, name)
  const wrong = wrongField(value)
  if (wrong !== undefined) {
    const expected = `a task, with ${Object.keys(fields).join(', ')}`
    throw new OpsinError('VALUE', { where: placeOf(path, name), expected, got: wrong })
  }
  const task = value as Task
  const { sizes, objective, tables, trainingTables, evaluators } = task
  return {
    name: task.name,
    config: { module, options, config: task.config },
    sizes,
    tables,
    ...(objective === undefined ? {} : { objective }),
    ...(trainingTables === undefined ? {} : { trainingTables }),
    batch: (step, size) => task.batch(step, size),
    evaluators,
    evaluator: (evaluator, count) => task.evaluator(evaluator, count),
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown) => typeof value === 'function'

/** The fields of every task. */
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: (value) => typeof value === 'string',
  config: isObject,
  sizes: isObject,
  tables: isObject,
  batch: isFunction,
  evaluators: Array.isArray,
  evaluator: isFunction,
}

function wrongField(task: unknown): string | undefined {
  if (!isObject(task)) return task === null ? 'null' : typeof task
  const value = (name: string) => (task as Readonly<Record<string, unknown>>)[name]
  const wrong = Object.keys(fields).find((name) => !fields[name](value(name)))
  return wrong && `one whose ${wrong} is ${value(wrong) === undefined ? 'missing' : typeof value(wrong)}`
}
