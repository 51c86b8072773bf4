import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { GraphBuilder, pointOf } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'
import { fuse } from '../../src/graph/passes/fuse.ts'
import { simplify } from '../../src/graph/passes/simplify.ts'
import { print } from '../../src/graph/print.ts'
import type { OpDef } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { drawFrom } from '../../src/testing/index.ts'
import { caseOf, drawCase, inputName, type OpCase, relativeError } from '../support/op-case.ts'

const all: readonly OpDef[] = Object.values(ops)
const reading = (...values: string[]) => ({ values, gradients: [] })
const passes = { fuse, simplify }
// One of several inputs has to be fed what it fuses with; overwrite has a test of its own.
const offering = (Object.keys(passes) as (keyof typeof passes)[]).flatMap((rule) =>
  all
    .filter((op) => op.rewrites?.some(({ kind }) => kind === rule) && op.sample(drawFrom(0)).inputs.length === 1)
    .map((op) => [rule, op.name, op, passes[rule]] as const),
)

describe.each(offering)('%s: %s', (_, __, op, pass) => {
  it('equals what it fuses into, behind whichever op it fuses with', () => {
    let fused = 0
    for (const before of all) {
      for (let seed = 0; seed < 60; seed++) {
        const opCase = drawCase(before, seed, 'f64')
        const graph = chain(opCase, op, seed)
        if (graph === undefined) continue
        const rewritten = pass(graph, reading())
        if (print(rewritten) === print(graph)) continue
        fused++
        expect(relativeError(run(rewritten, opCase), run(graph, opCase), opCase)).toBeLessThan(1e-12)
        expect(print(pass(graph, reading('before'))), 'nothing is fused where a value inside is read').toBe(
          print(graph),
        )
      }
    }
    expect(fused).toBeGreaterThan(0)
  })
})

/** `op` of the case's output, or nothing where it does not fit. No input of the case is an input of the graph. */
function chain(opCase: OpCase, op: OpDef, seed: number): Graph | undefined {
  const { attrs } = op.sample(drawFrom(seed))
  try {
    caseOf(op, [{ type: opCase.type, data: new Float64Array() }], attrs)
  } catch {
    return undefined
  }
  const builder = new GraphBuilder()
  const one = builder.op('constant', [], { shape: [], value: 1 })
  const inputs = opCase.values.map(({ type }, i) => {
    const input = builder.input(inputName(i), type.shape, 'batch', type.dtype)
    return type.dtype === 'float' ? builder.op('multiply', [input, one]) : input
  })
  const before = builder.point('before', builder.op(opCase.op.name, inputs, opCase.call.attrs))
  builder.point('output', builder.op(op.name, [before], attrs))
  return builder.build()
}

function run(graph: Graph, { values }: OpCase) {
  const program = referenceBackend('f64').load(graph)
  graph.nodes.forEach((node, id) => {
    if (node.kind === 'input') program.view(id).set(values[Number(node.name.slice(1))].data)
  })
  program.run()
  return program.view(pointOf(graph, 'output'))
}
