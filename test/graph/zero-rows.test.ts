import { ablate, at, attentionOnly, fromIclDynamics, type Intervention } from 'opsin'
import { type ConditionName, conditions5b } from 'opsin/reproduce'
import { expect, it } from 'vitest'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import type { Shape } from '../../src/core/shape.ts'
import { gradientName } from '../../src/graph/address.ts'
import type { Graph } from '../../src/graph/node.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import type { OpName } from '../../src/ops/registry.ts'
import { inputsOf, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'

// In these conditions of figure 5b one head of 8 is alive in the last layer.
const model = attentionOnly({
  layers: 2,
  heads: 8,
  dModel: 64,
  inputs: { kind: 'exemplars', features: 6, labels: 5 },
})
const inputs = inputsOf(model, 1, { batch: 4 })
const graphOf = (name: ConditionName, observed: readonly string[] = []) =>
  intervene(withObjective(model), model.sizes(inputs), numbered(fromIclDynamics(model, conditions5b[name])), {
    observed,
    gradients: true,
  }).graph
const run = (graph: Graph) => runGraph(graph, valuesOf(inputs, weightsOf(model, 1)))
const whole = Array.from({ length: 4 }, () => '64,64')
const living = ['64,8', '64,8', '64,8', '8,64']

it.each<[ConditionName, { weights: string[]; patterns: number[][] }]>([
  [
    'none',
    {
      weights: [...whole, ...living],
      patterns: [
        [4, 8, 5, 5],
        [4, 1, 1, 5],
      ],
    },
  ],
  [
    '{1}',
    {
      weights: [...whole, ...living],
      patterns: [
        [4, 8, 5, 5],
        [4, 1, 1, 5],
      ],
    },
  ],
  ['{1,2}', { weights: living, patterns: [[4, 1, 1, 5]] }],
  // Its only pattern is given: no queries, no keys.
  ['match', { weights: [...whole, '64,8', '8,64'], patterns: [[4, 8, 5, 5]] }],
])('%s computes that head alone, forward and backward', (name, { weights, patterns }) => {
  const graph = graphOf(name)
  expect(shapesOf(forLoss(graph), 'causal-softmax')).toEqual(patterns)
  const step = prune(graph, ['loss', ...model.parameters.map(({ name }) => gradientName(name))])
  const between = (shapes: readonly Shape[]) =>
    shapes
      .map(String)
      .filter((shape) => /^(64|8),(64|8)$/.test(shape))
      .sort()
  // The values of the one query of the last layer are projected after mixing.
  const both = (after: '' | '.vjp.weight', input?: number) =>
    between([...shapesOf(step, `linear${after}`, input), ...shapesOf(step, `head-linear${after}`, input)])
  expect(both('', 1)).toEqual(weights)
  expect(both('.vjp.weight')).toEqual(weights)
})

it("leaves the gradients of the dead heads' weights exactly zero", () => {
  const read = run(graphOf('none'))
  for (const [part, axis] of [
    ['q', 1],
    ['k', 1],
    ['v', 1],
    ['out', 0],
  ] as const) {
    const gradient = read(gradientName(`blocks.1.attn.${part}.weight`))
    const alive = (at: number) => Math.floor([at / 64, at % 64][axis] / 8) === 3
    expect(
      Array.from(gradient.keys()).filter((at) => (gradient[at] !== 0) !== alive(at)),
      part,
    ).toEqual([])
  }
})

it('gives whole values where they are read, and the loss no more to compute', () => {
  const points = ['pattern', 'v', 'z', 'result'].map((part) => `blocks.1.attn.${part}`)
  const [listened, alone] = [graphOf('none', points), graphOf('none')]
  const shapes = points.map((point) => listened.nodes[listened.points[point]].shape)
  expect(shapes).toEqual([
    [4, 8, 5, 5],
    [4, 5, 8, 8],
    [4, 5, 8, 8],
    [4, 5, 8, 64],
  ])
  const patterns = (graph: Graph) => shapesOf(forLoss(graph), 'causal-softmax')
  expect(patterns(listened)).toEqual(patterns(alone))
  const z = run(listened)('blocks.1.attn.z')
  expect(Array.from(z.keys()).filter((at) => (z[at] !== 0) !== (Math.floor(at / 8) % 8 === 3))).toEqual([])
})

it('gives whole gradients where they are read', () => {
  const graph = graphOf('none', [gradientName('blocks.1.attn.z')])
  expect(shapesOf(forLoss(graph), 'attention-mix').at(-1)).toEqual([4, 5, 1, 8])
  expect(graph.nodes[graph.points[gradientName('blocks.1.attn.z')]].shape).toEqual([4, 5, 8, 8])
  expect(
    run(graph)(gradientName('blocks.1.attn.z')).some((value, at) => value !== 0 && Math.floor(at / 8) % 8 !== 3),
  ).toBe(true)
})

it('takes heads that are ablated one by one for heads that are ablated together', () => {
  const v = (heads: readonly number[]) => ablate(at(model, 'blocks.1.attn.v', { head: heads }))
  const graph = (list: readonly Intervention[]) =>
    forLoss(
      intervene(withObjective(model), model.sizes(inputs), numbered(list), { observed: [], gradients: true }).graph,
    )
  const dead = [0, 1, 2, 4, 5, 6, 7]
  expect(graph(dead.map((head) => v([head]))).nodes).toEqual(graph([v(dead)]).nodes)
  expect(run(graph([v(dead), v([3])]))('loss')).toEqual(run(graph([v([...dead, 3])]))('loss'))
})

function forLoss(graph: Graph): Graph {
  return prune(graph, ['loss'])
}

/** Shapes of the outputs of an op's nodes, or of one of their inputs, in order. */
function shapesOf({ nodes }: Graph, op: OpName, input?: number): Shape[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'op' || node.op !== op) return []
    return [input === undefined ? node.shape : nodes[node.inputs[input]].shape]
  })
}
