import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { GraphBuilder, inputOf, pointOf } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'
import { fuse } from '../../src/graph/passes/fuse.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { sampleValues } from '../../src/testing/index.ts'

/** pattern [2, 3, 4, 4] and v [2, 4, 3, 5] → attention output [2, 4, 7]. */
function attentionOutput(): Graph {
  const builder = new GraphBuilder()
  const pattern = builder.input('pattern', [2, 3, 4, 4])
  const v = builder.input('v', [2, 4, 3, 5])
  const w = builder.input('W', [15, 7], 'parameter')
  const z = builder.op('attention-mix', [pattern, v], { scale: 1, transpose: false })
  const result = builder.point('result', builder.op('head-result', [z, w]))
  builder.point('out', builder.op('sum-heads', [result]))
  return builder.build()
}

function run(graph: Graph): number[] {
  const program = referenceBackend('f64').load(graph)
  for (const [seed, name] of ['pattern', 'v', 'W'].entries()) {
    const id = inputOf(graph, name)
    const [{ data }] = sampleValues([{ shape: graph.nodes[id].shape }], seed, 'f64')
    program.view(id).set(data)
  }
  program.run()
  return Array.from(program.view(pointOf(graph, 'out')))
}

const opsOf = (graph: Graph) => graph.nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []))

describe('sum-heads of head-result', () => {
  it('becomes one matrix product with the same value', () => {
    const graph = attentionOutput()
    const fused = prune(fuse(graph, { values: ['out'], gradients: [] }), ['out'])
    expect(opsOf(fused)).toEqual(['attention-mix', 'reshape', 'linear'])
    const expected = run(graph)
    run(fused).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12)
    })
  })

  it('stays as it is where a head result is read', () => {
    const fused = prune(fuse(attentionOutput(), { values: ['out', 'result'], gradients: [] }), ['out', 'result'])
    expect(opsOf(fused)).toEqual(['attention-mix', 'head-result', 'sum-heads'])
  })
})
