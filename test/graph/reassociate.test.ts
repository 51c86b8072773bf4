import { ablate, at, attentionOnly } from 'opsin'
import { expect, it } from 'vitest'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { gradientName } from '../../src/graph/address.ts'
import type { Graph } from '../../src/graph/node.ts'
import { type PassName, passNames } from '../../src/graph/passes/index.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { inputsOf, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'

const model = attentionOnly({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'exemplars', features: 6, labels: 4 } })
const inputs = inputsOf(model)
const v = 'blocks.1.attn.v'

function lowered(without: readonly PassName[], observed: readonly string[] = [], list = numbered([])) {
  return intervene(withObjective(model), model.sizes(inputs), list, { observed, gradients: true, without }).graph
}

function opsOf(graph: Graph, roots: readonly string[] = ['loss']): string[] {
  return prune(graph, roots).nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []))
}

it('projects what the one query has mixed, in place of every token', () => {
  const linears = (graph: Graph) => opsOf(graph).filter((op) => op === 'linear').length
  expect(opsOf(lowered([]))).toContain('head-linear')
  expect(opsOf(lowered(['reassociate']))).not.toContain('head-linear')
  expect(linears(lowered(['reassociate'])) - linears(lowered([]))).toBe(1)
})

it('gives the same loss and gradients', () => {
  const values = valuesOf(inputs, weightsOf(model))
  const [mine, plain] = [[], passNames].map((without) => runGraph(lowered(without), values))
  for (const point of ['loss', ...model.parameters.map(({ name }) => gradientName(name))]) {
    const [a, b] = [plain(point), mine(point)]
    const scale = Math.max(...a.map(Math.abs))
    expect(scale, point).toBeGreaterThan(0)
    a.forEach((value, i) => void expect(Math.abs(b[i] - value) / scale, point).toBeLessThan(1e-13))
  }
})

it('computes the values beside where they are read, and not at all behind a gradient that is read', () => {
  const beside = lowered([], [v])
  expect(opsOf(beside)).toEqual(opsOf(lowered([])))
  expect(beside.nodes[beside.points[v]].shape.slice(1)).toEqual([5, 2, 4])
  expect(opsOf(lowered([], [gradientName(v)]))).not.toContain('head-linear')
})

it('leaves values alone that are clamped at some positions', () => {
  const list = numbered([ablate(at(model, v, { pos: 0, head: 1 }))])
  expect(opsOf(lowered([], [], list))).not.toContain('head-linear')
})
