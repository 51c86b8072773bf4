import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NativeBackend, NativeProgram } from '../../src/backends/backend.ts'
import { type EngineName, engines } from '../../src/backends/index.ts'
import type { OpsinError } from '../../src/core/errors.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import type { Graph, NodeId } from '../../src/graph/node.ts'
import type { OpDef } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { nativeEngine } from '../support/native-engine.ts'
import { buildCase, drawCase, type OpCase, overOf, referenceOutput, relativeError } from '../support/op-case.ts'

const all: readonly OpDef[] = Object.values(ops)

/** As a float NaN, as an integer -1: a kernel that computes with what it should not read gives itself away. */
const PATTERN = 0xff

/** Those with an arena; ONNX Runtime's values are in test/registry/onnx.test.ts. */
const native = (Object.keys(engines) as EngineName[]).filter((name) => name !== 'onnx')

describe.each(native)('engine %s', async (name) => {
  const backend = await nativeEngine(name).catch((error: OpsinError) => error)
  if (backend instanceof Error) {
    // Nothing but the machine may keep an engine from its tests.
    if (backend.code !== 'ENGINE') throw backend
    it.skip(`${backend.message}`, () => {})
    return
  }

  describe.each(all.map((op) => [op.name, op] as const))('%s', (_, op) => {
    it('gives what the reference gives, and writes nowhere else', () => {
      onSamples(op, (opCase) => {
        const { graph, output } = graphOf(opCase)
        const program = backend.load(graph, { guard: 64 })
        const free = freeBytes(program)
        for (const at of free) program.arena[at] = PATTERN
        write(program, opCase)
        program.run()
        expect(free.filter((at) => program.arena[at] !== PATTERN)).toEqual([])
        expectReference(program, output, opCase, backend)
      })
    })

    it('gives the same when it runs again', () => {
      onSamples(op, (opCase) => {
        const { graph, output } = graphOf(opCase)
        const program = backend.load(graph)
        write(program, opCase)
        program.run()
        const first = program.view(output).slice()
        program.run()
        expect(program.view(output)).toEqual(first)
      })
    })

    const over = overOf(op)
    if (over !== undefined) {
      it('gives the same when it updates a state', () => {
        onSamples(op, (opCase) => {
          const { graph, output } = graphOf(opCase, over)
          const program = backend.load(graph, { guard: 64 })
          expect(program.view(output).byteOffset).toBe(program.view(over).byteOffset)
          write(program, opCase)
          program.run()
          expectReference(program, over, opCase, backend)
        })
      })
    }
  })
})

function onSamples(op: OpDef, check: (opCase: OpCase) => void): void {
  const property = fc.property(fc.nat(), (seed) => check(drawCase(op, seed, 'f64')))
  fc.assert(property, { numRuns: 25, seed: 2025 })
}

/** The case as a graph whose first nodes are its inputs; one of them may be a state that the output updates. */
function graphOf(opCase: OpCase, state?: number): { graph: Graph; output: NodeId } {
  const builder = new GraphBuilder()
  const output = buildCase(builder, opCase, (i) => (i === state ? 'state' : 'batch'))
  if (state !== undefined) builder.update(state, output)
  return { graph: builder.build(), output }
}

function write(program: NativeProgram, { values }: OpCase): void {
  values.forEach(({ data }, id) => {
    program.view(id).set(data)
  })
}

/** The bytes of the arena that belong to no value. */
function freeBytes(program: NativeProgram): number[] {
  const taken = new Uint8Array(program.arena.length)
  program.graph.nodes.forEach((_, id) => {
    const { byteOffset, byteLength } = program.view(id)
    taken.fill(1, byteOffset - program.arena.byteOffset, byteOffset - program.arena.byteOffset + byteLength)
  })
  return Array.from(taken.keys()).filter((at) => taken[at] === 0)
}

function expectReference(program: NativeProgram, id: NodeId, opCase: OpCase, { precision }: NativeBackend): void {
  const actual = program.view(id)
  const expected = referenceOutput(opCase, 'f64')
  const tolerance = opCase.type.dtype === 'int' ? 0 : precision === 'f64' ? 1e-13 : 1e-5
  expect(relativeError(actual, expected, opCase), JSON.stringify(opCase.call)).toBeLessThanOrEqual(tolerance)
}
