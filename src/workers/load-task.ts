import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OpsinError } from '../core/errors.ts'
import { readBytes } from '../io/node/files.ts'
import type { Task } from '../tasks/define.ts'

type Options = Readonly<Record<string, unknown>>

/**
 * The task that a module's default export makes of the options. Its config tells, besides its own, the options and a hash
 * of the module: another text is another task, wherever it lies.
 *
 * @throws OpsinError `IO` for a file that cannot be read, `FORMAT` for one that is no module with a function as its default
 * export, `VALUE` for a function that throws or gives no task.
 */
export async function loadTask(path: string, options: Options): Promise<Task> {
  const module = createHash('sha256').update(readBytes(path)).digest('hex')
  const make = defaultExport(path, await imported(path))
  const task = await made(path, make, options)
  const { name, sizes, objective, tables, trainingTables, evaluators } = task
  return {
    name,
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

async function imported(path: string): Promise<object> {
  try {
    return await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw new OpsinError('FORMAT', { where: path, expected: 'a module of JavaScript', got: String(cause), cause })
  }
}

function defaultExport(path: string, exports: object): (options: Options) => unknown {
  const { default: make } = exports as { readonly default?: unknown }
  if (typeof make === 'function') return make as (options: Options) => unknown
  throw new OpsinError('FORMAT', {
    where: path,
    expected: 'a function as the default export, which makes a task of the options',
    got: make === undefined ? `exports called ${Object.keys(exports).join(', ') || 'nothing'}` : typeof make,
  })
}

async function made(path: string, make: (options: Options) => unknown, options: Options): Promise<Task> {
  let task: unknown
  try {
    task = await make(options)
  } catch (cause) {
    const hint = `It was called with ${JSON.stringify(options)}.`
    throw new OpsinError('VALUE', {
      where: `${path}: default export`,
      expected: 'a task',
      got: String(cause),
      hint,
      cause,
    })
  }
  const wrong = wrongField(task)
  if (wrong === undefined) return task as Task
  throw new OpsinError('VALUE', {
    where: `${path}: default export`,
    expected: `a task, with ${Object.keys(fields).join(', ')}`,
    got: wrong,
  })
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown) => typeof value === 'function'

/** What every task has. */
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
