import { expect } from 'vitest'
import type { NativeBackend, NativeProgram } from '../../src/backends/backend.ts'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { wasmBackend, wasmFmaBackend } from '../../src/backends/wasm/index.ts'
import { hasRelaxedSimd } from '../../src/backends/wasm/relaxed-simd.ts'
import type { NumberArray } from '../../src/core/dtype.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'
import type { SampleInput, ValueType } from '../../src/ops/define.ts'

export const wasm = await wasmBackend()
const engines = hasRelaxedSimd() ? [wasm, await wasmFmaBackend()] : [wasm]
const reference = referenceBackend('f64')

const GUARD = 64
const UNTOUCHED = 0x5a

/** What the op gives on each engine, from the same numbers; throws if any byte outside the buffers was written. */
export function expectSame(
  op: string,
  values: readonly { type: ValueType; data: NumberArray }[],
  attrs: object,
  close = 1e-5,
) {
  const graph = graphOf(op, values, attrs)
  const expected = compute(reference, graph, values)
  for (const backend of engines) {
    const error = maxError(compute(backend, graph, values), expected)
    expect(error, `${backend.name}: ${op} ${JSON.stringify(attrs).slice(0, 200)}`).toBeLessThan(close)
  }
}

export function graphOf(op: string, values: readonly { type: ValueType }[], attrs: object): Graph {
  const builder = new GraphBuilder()
  const inputs = values.map(({ type }, i) => builder.input(`in${i}`, type.shape, 'batch', type.dtype))
  builder.op(op, inputs, attrs)
  return builder.build()
}

export function compute(backend: NativeBackend, graph: Graph, values: readonly { data: NumberArray }[]): NumberArray {
  const program = backend.load(graph, { guard: GUARD })
  const outside = outsideOf(program)
  for (const at of outside) program.arena[at] = UNTOUCHED
  values.forEach(({ data }, i) => {
    program.view(i).set(data)
  })
  program.run()
  program.run()
  for (const at of outside) if (program.arena[at] !== UNTOUCHED) throw new Error(`wrote byte ${at} outside all buffers`)
  values.forEach(({ data }, i) => {
    expect(program.view(i)).toEqual(convert(data, program.view(i)))
  })
  return program.view(graph.nodes.length - 1)
}

/** The bytes of the arena that belong to no node. */
function outsideOf(program: NativeProgram): number[] {
  const inside = new Set<number>()
  program.graph.nodes.forEach((_, id) => {
    const view = program.view(id)
    const start = view.byteOffset - program.arena.byteOffset
    for (let i = 0; i < view.byteLength; i++) inside.add(start + i)
  })
  return [...program.arena.keys()].filter((at) => !inside.has(at))
}

function convert(data: NumberArray, like: NumberArray): NumberArray {
  return like instanceof Float64Array ? Float64Array.from(data) : data
}

/**
 * The largest difference over the largest value, or over 0.1 where all values are less: a single value near 0 is what
 * was left of larger ones. Infinite where one is finite and the other not.
 */
function maxError(got: NumberArray, expected: NumberArray): number {
  let [error, largest] = [0, 0.1]
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(Math.fround(expected[i]), got[i])) continue
    if (!Number.isFinite(expected[i]) || !Number.isFinite(got[i])) return Infinity
    error = Math.max(error, Math.abs(got[i] - expected[i]))
  }
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]))
  }
  return error / largest
}

export function floats(...shapes: number[][]): SampleInput[] {
  return shapes.map((shape) => ({ shape }))
}
