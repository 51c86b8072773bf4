import { canonicalJson } from '../core/canonical.ts'
import { requireRecord } from '../core/check.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { sameShape, showShape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { tensorHash } from '../core/tensor-hash.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { type Batch, checkTask, type Task } from './define.ts'

/** The tasks that a composed task is made of, by name. */
export type Parts = Readonly<Record<string, Task>>

/** A part's identity in the config of the task that holds it. */
export function identityOf({ name, config }: Task): Readonly<Record<string, unknown>> {
  return { name, ...config }
}

/**
 * The common sizes and tables of tasks with equal arrays.
 *
 * @throws OpsinError `VALUE` for a value that is no task and for sizes or tables that differ, `NAME`, `SHAPE` or `DTYPE` for batches
 * that do.
 */
export function commonGround(
  where: string,
  parts: Parts,
): Pick<Task, 'sizes' | 'objective' | 'tables' | 'trainingTables'> {
  for (const task of Object.values(parts)) checkTask(task)
  requireSameForm(
    where,
    Object.fromEntries(Object.entries(parts).map(([name, task]) => [name, batchOf(where, task, 0, 1)])),
  )
  const tables = (field: string, of: (task: Task) => Batch) =>
    shared(`${where}: ${field}`, parts, of, (value) => tensorHash(requireTensor(`${where}: ${field}`, value)))
  const objectives = shared(
    where,
    parts,
    ({ objective = crossEntropy() }) => ({ objective }),
    ({ kind, options }) => canonicalJson({ kind, options }),
  )
  const told = Object.values(parts).some(({ objective }) => objective !== undefined)
  return {
    ...(told ? objectives : {}),
    sizes: shared(`${where}: sizes`, parts, ({ sizes }) => sizes, String),
    tables: tables('tables', (task) => task.tables),
    trainingTables: tables('trainingTables', (task) => task.trainingTables ?? task.tables),
  }
}

/** A batch of a part. @throws OpsinError `SHAPE` unless each array has as many sequences as were asked for. */
export function batchOf(where: string, task: Task, step: number, size: number): Batch {
  const batch = task.batch(step, size)
  for (const [name, array] of Object.entries(requireRecord(where, batch, 'a batch: arrays by name'))) {
    const [rows] = requireTensor(`${where}: ${name}`, array as Tensor).shape
    if (rows === size) continue
    const expected = `${size} sequences, as asked for`
    throw new OpsinError('SHAPE', { where: `${where}: ${name}`, expected, got: show(rows) })
  }
  return batch
}

/** The named values of all parts; equal names must have equal values. */
function shared<Value>(
  where: string,
  parts: Parts,
  of: (task: Task) => Readonly<Record<string, Value>>,
  identity: (value: Value) => string,
): Readonly<Record<string, Value>> {
  const found = new Map<string, { readonly part: string; readonly value: Value }>()
  for (const [part, task] of Object.entries(parts)) {
    for (const [name, value] of Object.entries(of(task) ?? {})) {
      const first = found.get(name) ?? { part, value }
      found.set(name, first)
      if (first.value === value || identity(first.value) === identity(value)) continue
      throw new OpsinError('VALUE', {
        where: `${where}.${name}`,
        expected: `the same in all parts: ${show(first.value)}, as in "${first.part}"`,
        got: `${show(value)} in "${part}"`,
        hint: 'One model reads all parts.',
      })
    }
  }
  return Object.fromEntries(Array.from(found, ([name, { value }]) => [name, value]))
}

/** Throws unless batches have the same arrays, each of the same type and of the same shape behind the batch. */
export function requireSameForm(where: string, batches: Readonly<Record<string, Batch>>): void {
  const [[first, model], ...others] = Object.entries(batches)
  for (const [name, batch] of others) {
    for (const [a, b, one, two] of [
      [first, name, model, batch],
      [name, first, batch, model],
    ] as const) {
      const missing = Object.keys(one).find((input) => !Object.hasOwn(two, input))
      if (missing === undefined) continue
      const expected = `the arrays of all parts to be the same, "${missing}" among them, as in "${a}"`
      throw new OpsinError('NAME', { where, expected, got: `"${b}" with ${Object.keys(two).join(', ')}` })
    }
    for (const input of Object.keys(model))
      requireSameArray(`${where}: ${input}`, first, name, model[input], batch[input])
  }
}

function requireSameArray(where: string, first: string, name: string, one: Tensor, other: Tensor): void {
  const [a, b] = [requireTensor(where, one), requireTensor(where, other)]
  if (a.data.constructor !== b.data.constructor) {
    const expected = `one type of number: ${a.data.constructor.name}, as in "${first}"`
    throw new OpsinError('DTYPE', { where, expected, got: `${b.data.constructor.name} in "${name}"` })
  }
  if (sameShape(a.shape.slice(1), b.shape.slice(1))) return
  const expected = `sequences of one shape: ${showShape(a.shape.slice(1))}, as in "${first}"`
  throw new OpsinError('SHAPE', { where, expected, got: `${showShape(b.shape.slice(1))} in "${name}"` })
}

/** A batch of rows of other batches of the same form: its row r is row `rows[r]` of `sources[from[r]]`. */
export function pickRows(sources: readonly (Batch | undefined)[], from: Int32Array, rows: Int32Array): Batch {
  const some = sources.find((source) => source !== undefined) as Batch
  return Object.fromEntries(
    Object.entries(some).map(([name, { shape, data, axes }]) => {
      const width = sizeOf(shape.slice(1))
      const out = new (data.constructor as new (length: number) => NumberArray)(rows.length * width)
      for (let row = 0; row < rows.length; row++) {
        const source = sources[from[row]]?.[name].data as NumberArray
        out.set(source.subarray(rows[row] * width, (rows[row] + 1) * width), row * width)
      }
      return [name, tensor([rows.length, ...shape.slice(1)], out, axes)]
    }),
  )
}

/** The evaluators of all parts, as `part/evaluator`. */
export function evaluatorsOf(parts: Parts): Readonly<Record<string, (count?: number) => Batch>> {
  const entries = Object.entries(parts).flatMap(([part, task]) =>
    task.evaluators.map(
      (evaluator) => [`${part}/${evaluator}`, (count?: number) => task.evaluator(evaluator, count)] as const,
    ),
  )
  return Object.fromEntries(entries)
}
