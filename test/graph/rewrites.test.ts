import fc from 'fast-check'
import { type Intervention, type Model, preNorm } from 'opsin'
import { expect, it } from 'vitest'
import { optimize } from '../../src/compile/optimize.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import type { Graph } from '../../src/graph/node.ts'
import { fuse } from '../../src/graph/passes/fuse.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { share } from '../../src/graph/passes/share.ts'
import { verify } from '../../src/graph/verify.ts'
import { applyInterventions, withReplicas } from '../../src/interventions/apply.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { adam } from '../../src/optimizers/adam.ts'
import { interventionsFor } from '../support/interventions.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'

interface Case {
  readonly model: Model
  readonly list: readonly Intervention[]
  readonly seed: number
}

const cases: fc.Arbitrary<Case> = fc.record({ options: tinyOptions, seed: fc.nat(999) }).chain(({ options, seed }) => {
  const model = preNorm(options)
  const length = options.inputs?.kind === 'tokens' ? 4 : 5
  return interventionsFor(model, length).map((list) => ({ model, list, seed }))
})

/** Every graph on the way from a model to a training step. */
function stages({ model, list, seed }: Case) {
  const inputs = inputsOf(model, seed)
  const sizes = model.sizes(inputs)
  const numbered = list.map((intervention, index) => ({ index, intervention }))
  const onGradient = ({ intervention }: (typeof numbered)[number]) => intervention.at.point.startsWith('grad(')
  const built = withObjective(model).graph(sizes)
  const passes = withReplicas(built, ['clean'])
  const forward = applyInterventions(
    passes,
    model,
    sizes,
    numbered.filter((one) => !onGradient(one)),
  ).graph()
  const backward = differentiate(forward)
  const spliced = applyInterventions(backward, model, sizes, numbered.filter(onGradient)).graph()
  const step = optimize(spliced, adam({ lr: 0.1 }))
  return { built, passes, forward, backward, spliced, step, values: valuesOf(inputs, weightsOf(model, seed)) }
}

/** Point names that pruning to some of them leaves, and all that are read in comparisons. */
function readable(graph: Graph): string[] {
  return Object.keys(graph.points).filter(
    (name) => name === 'loss' || name.startsWith('grad(') || /resid|logits/.test(name),
  )
}

function expectSame(
  before: Graph,
  after: Graph,
  values: ReturnType<typeof stages>['values'],
  points = readable(before),
) {
  const [old, now] = [runGraph(before, values), runGraph(after, values)]
  for (const point of points) expect(now(point), point).toEqual(old(point))
}

it('every graph on the way to a training step verifies, and so do all passes over it', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { values: _, ...graphs } = stages(one)
      for (const graph of Object.values(graphs)) {
        verify(graph)
        verify(share(graph))
        verify(fuse(graph, { values: [], gradients: [] }))
        verify(prune(graph, ['loss']))
        verify(prune(share(fuse(graph, { values: ['logits'], gradients: [] })), ['loss', 'logits']))
      }
    }),
    { numRuns: 60 },
  )
})

it('rewrites leave the graph they are given as it was', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { built } = stages(one)
      const before = JSON.stringify(built)
      for (const rewritten of [
        share(built),
        fuse(built, { values: [], gradients: [] }),
        prune(built, ['logits']),
        differentiate(built),
      ]) {
        expect(rewritten).not.toBe(built)
      }
      expect(JSON.stringify(built)).toBe(before)
    }),
    { numRuns: 10 },
  )
})

it('prune changes no value that is kept, and keeps nothing that is not needed', () => {
  fc.assert(
    fc.property(cases, fc.nat(), (one, pick) => {
      const { spliced, values } = stages(one)
      const names = readable(spliced)
      const kept = ['loss', names[pick % names.length]]
      const pruned = prune(spliced, kept)
      expectSame(spliced, pruned, values, kept)
      const used = new Set(pruned.nodes.flatMap((node) => (node.kind === 'op' ? node.inputs : [])))
      const roots = kept.map((name) => pruned.points[name])
      const needed = (id: number) => used.has(id) || roots.includes(id)
      expect(pruned.nodes.every((node, id) => needed(id) || ('feeder' in node && node.feeder === 'parameter'))).toBe(
        true,
      )
    }),
    { numRuns: 25 },
  )
})

it('share changes no value, and leaves no two nodes equal', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { spliced, values } = stages(one)
      const shared = share(spliced)
      expectSame(spliced, shared, values)
      const said = shared.nodes.map((node) => JSON.stringify(node))
      expect(new Set(said).size).toBe(said.length)
    }),
    { numRuns: 25 },
  )
})

it('fuse changes no value by more than rounding', () => {
  fc.assert(
    fc.property(cases, (one) => {
      const { forward, values } = stages(one)
      const [old, now] = [runGraph(forward, values), runGraph(fuse(forward, { values: [], gradients: [] }), values)]
      fc.pre(Number.isFinite(old('loss')[0]))
      for (const point of readable(forward)) {
        const [a, b] = [old(point), now(point)]
        const scale = Math.max(1, ...a.map(Math.abs))
        a.forEach((value, i) => void expect(Math.abs(b[i] - value) / scale, point).toBeLessThan(1e-12))
      }
    }),
    { numRuns: 25 },
  )
})

it('fuse keeps what is read, with the value it had', () => {
  const model = preNorm({ layers: 1, heads: 2, dModel: 4, inputs: { kind: 'tokens', vocab: 5 } })
  const inputs = inputsOf(model)
  const graph = withObjective(model).graph(model.sizes(inputs))
  const listened = prune(fuse(graph, { values: ['blocks.0.attn.result'], gradients: [] }), ['logits'])
  const deaf = prune(fuse(graph, { values: [], gradients: [] }), ['logits'])
  const ops = ({ nodes }: Graph) => nodes.map((node) => (node.kind === 'op' ? node.op : node.name))
  expect(ops(listened)).toContain('head-result')
  expect(ops(deaf)).not.toContain('head-result')
  expectSame(graph, listened, valuesOf(inputs, weightsOf(model)), ['logits', 'blocks.0.attn.result'])
})
