import type { Model, Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { sameShape, showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Graph, InputNode } from '../graph/node.ts'

/** Arrays by input name. */
export type InputArrays = Readonly<Record<string, Tensor>>

/** The inputs of a model, by name. */
export type InputNodes = ReadonlyMap<string, InputNode>

/** Whether the task, or the caller of a run, gives the input. */
function isGiven({ feeder }: InputNode): boolean {
  return feeder === 'batch' || feeder === 'table'
}

/** The inputs of a model, of which passes and interventions may leave some unread. */
export function inputsOf(model: Model, sizes: Sizes): InputNodes {
  return inputsIn(model.graph(sizes))
}

/** The inputs of a model's own graph. */
export function inputsIn(graph: Graph): InputNodes {
  const inputs = graph.nodes.filter((node) => node.kind === 'input' && isGiven(node))
  return new Map((inputs as InputNode[]).map((node) => [node.name, node]))
}

/**
 * Throws unless exactly these inputs are given, each in its shape and type: one that is missing would keep the values of
 * another batch, and an unread one is a mistake.
 *
 * @throws OpsinError `NAME` for an unknown input, with the nearest; `SHAPE` and `DTYPE` for one that does not fit.
 */
export function requireInputs(known: InputNodes, given: InputArrays, what = 'an input of this model'): void {
  let count = 0
  for (const name in given) {
    const node = known.get(name)
    if (node === undefined) throw unknownName('inputs', what, name, [...known.keys()])
    requireFit(node, given[name])
    count++
  }
  if (count === known.size) return
  const missing = [...known.values()].find(({ name }) => !Object.hasOwn(given ?? {}, name)) as InputNode
  throw misfit('SHAPE', missing, showShape(missing.shape), 'nothing')
}

/**
 * The check of batches that come beside tables, which stay the same.
 *
 * @throws OpsinError for tables that do not fit, at once; the check it gives throws for a batch.
 */
export function batchCheck(model: Model, sizes: Sizes, tables: InputArrays): (batch: InputArrays) => void {
  const known = inputsOf(model, sizes)
  const given = { ...tables }
  const [inTables, inBatches] = [true, false].map(
    (there) => new Map([...known].filter(([name]) => Object.hasOwn(given, name) === there)),
  )
  for (const name of Object.keys(given)) {
    if (!known.has(name)) throw unknownName('tables', 'an input of this model', name, [...known.keys()])
  }
  requireInputs(inTables, given)
  requireFiniteInputs(given)
  return (batch) => {
    requireInputs(inBatches, batch, 'an input that comes with each batch')
    model.sizes(Object.assign(given, batch))
  }
}

function requireFit(node: InputNode, given: Tensor): void {
  const { shape, data } = given ?? {}
  if (!Array.isArray(shape)) throw misfit('SHAPE', node, showShape(node.shape), 'nothing')
  if (!sameShape(shape, node.shape)) throw misfit('SHAPE', node, showShape(node.shape), showShape(shape))
  if (!(node.dtype === 'int' ? isInt(data) : isFloat(data))) {
    const types = node.dtype === 'int' ? 'integers (Int32Array)' : 'floats (Float32Array or Float64Array)'
    throw misfit('DTYPE', node, types, data?.constructor.name ?? 'nothing')
  }
  if (data.length === sizeOf(shape)) return
  throw misfit('SHAPE', node, `${sizeOf(shape)} elements`, String(data.length))
}

function isInt(data: unknown): boolean {
  return data instanceof Int32Array
}

function isFloat(data: unknown): boolean {
  return data instanceof Float32Array || data instanceof Float64Array
}

function misfit(code: 'SHAPE' | 'DTYPE', { name }: InputNode, expected: string, got: string): OpsinError {
  return new OpsinError(code, { where: `input "${name}"`, expected, got })
}

/** Throws OpsinError `NOT_FINITE` where an input holds NaN or infinity. */
export function requireFiniteInputs(given: InputArrays): void {
  for (const [name, { data }] of Object.entries(given)) {
    if (allFinite(data)) continue
    const bad = data.findIndex((value: number) => !Number.isFinite(value))
    throw new OpsinError('NOT_FINITE', {
      where: `input "${name}", element ${bad}`,
      expected: 'finite numbers',
      got: String(data[bad]),
    })
  }
}

export function allFinite(data: ArrayLike<number>): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false
  return true
}
