import fc from 'fast-check'
import { adam, OpsinError, preNorm, sgd } from 'opsin'
import { describe, expect, it } from 'vitest'
import type { NativeBackend } from '../../src/backends/backend.ts'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { optimize } from '../../src/compile/optimize.ts'
import { bytesPerElement } from '../../src/core/dtype.ts'
import { gradientName } from '../../src/graph/address.ts'
import { GraphBuilder, pointOf } from '../../src/graph/build.ts'
import type { Graph, NodeId } from '../../src/graph/node.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { share } from '../../src/graph/passes/share.ts'
import { type Plan, plan } from '../../src/graph/plan.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { opNamed } from '../../src/ops/registry.ts'
import { interventionsFor } from '../support/interventions.ts'
import { inputsOf, tinyModel, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'
import { nativeEngine } from '../support/native-engine.ts'

const rules = [adam({ lr: 0.1 }), sgd({ lr: 0.1 }), sgd({ lr: 0.1, momentum: 0.9 })]
const engines = [await nativeEngine('reference'), await nativeEngine('wasm')]

/** Training steps of random models under random interventions, with a random choice of what is read. */
const steps = fc
  .record({ options: tinyOptions, seed: fc.nat(999), rule: fc.constantFrom(...rules) })
  .chain(({ options, seed, rule }) => {
    const model = preNorm(options)
    const length = options.inputs?.kind === 'tokens' ? 4 : 5
    const names = Object.keys(withObjective(model).graph(model.sizes(inputsOf(model, seed))).points)
    return fc
      .record({ list: interventionsFor(model, length), observed: fc.subarray(names, { maxLength: 4 }) })
      .map(({ list, observed }) => {
        const inputs = inputsOf(model, seed)
        const sizes = model.sizes(inputs)
        const points = ['loss', ...observed]
        const { graph } = intervene(withObjective(model), sizes, numbered(list), { observed: points, gradients: true })
        const values = { ...valuesOf(inputs, weightsOf(model, seed)), 'optimizer.rates': rule.rates(0) }
        const gradients = model.parameters.slice(0, seed % 3).map(({ name }) => gradientName(name))
        return { graph: prune(share(optimize(graph, rule)), points), values, keep: [...points, ...gradients] }
      })
  })

/** The bytes of what is kept and of every input, after each of three runs. */
function traces(
  backend: NativeBackend,
  graph: Graph,
  values: object,
  keep: readonly string[],
  kept?: readonly string[],
) {
  const program = backend.load(graph, { keep: kept })
  const inputs = [...graph.nodes.keys()].filter((id) => graph.nodes[id].kind === 'input')
  for (const id of inputs) {
    const node = graph.nodes[id]
    const given = node.kind === 'input' ? (values as Record<string, ArrayLike<number>>)[node.name] : undefined
    if (given !== undefined) program.view(id).set(given)
  }
  return [1, 2, 3].map(() => {
    program.run()
    const read = [...inputs, ...keep.map((name) => pointOf(graph, name))].map((id) => program.view(id))
    return read.map((view) => Buffer.from(view.slice().buffer).toString('hex'))
  })
}

/** The first and last step at which each group of nodes that share memory on purpose holds something wanted. */
function spansOf({ graph, order, updates, constants }: Plan, keep: readonly NodeId[]) {
  const group = graph.nodes.map((_, id) => id)
  const root = (id: NodeId): NodeId => (group[id] === id ? id : root(group[id]))
  const join = (a: NodeId, b: NodeId) => {
    group[root(a)] = root(b)
  }
  graph.nodes.forEach((node, id) => {
    const memory = node.kind === 'op' ? opNamed(node.op).memory : undefined
    if (node.kind === 'op' && typeof memory === 'string') for (const input of node.inputs) join(id, input)
  })
  for (const { state, value } of graph.updates) join(state, value)
  const spans = graph.nodes.map(() => ({ from: Infinity, to: -Infinity }))
  const touch = (id: NodeId, at: number) => {
    const span = spans[root(id)]
    spans[root(id)] = { from: Math.min(span.from, at), to: Math.max(span.to, at) }
  }
  ;[...order, ...updates].forEach((id, at) => {
    const node = graph.nodes[id]
    for (const used of [id, ...(node.kind === 'op' ? node.inputs : [])]) touch(used, at)
  })
  for (const id of keep) touch(id, Infinity)
  for (const [id, node] of graph.nodes.entries()) {
    if (node.kind !== 'input' && !constants.includes(id)) continue
    touch(id, -Infinity)
    touch(id, Infinity)
  }
  return graph.nodes.map((_, id) => ({ group: root(id), ...spans[root(id)] }))
}

describe('memory used again', () => {
  it.each(engines.map((backend) => [backend.name, backend] as const))('changes no bit on %s', (_, backend) => {
    fc.assert(
      fc.property(steps, ({ graph, values, keep }) => {
        expect(traces(backend, graph, values, keep, keep)).toEqual(traces(backend, graph, values, keep))
      }),
      { numRuns: 30 },
    )
  })

  it.each([0, 64])('never holds two values that are both still wanted, guard %i', (guard) => {
    fc.assert(
      fc.property(steps, ({ graph, keep: names }) => {
        const keep = names.map((name) => pointOf(graph, name))
        const planned = plan(graph, 'f32', { keep, guard })
        const spans = spansOf(planned, keep)
        const at = planned.places.map(({ offset, length, dtype }) => {
          return { start: offset, end: offset + length * bytesPerElement(dtype, 'f32') + guard }
        })
        for (const a of at) expect(a.end).toBeLessThanOrEqual(planned.bytes)
        spans.forEach((a, i) => {
          spans.slice(0, i).forEach((b, j) => {
            if (a.group === b.group || a.from > b.to || b.from > a.to) return
            expect(at[i].end <= at[j].start || at[j].end <= at[i].start, `%${i} and %${j}`).toBe(true)
          })
        })
      }),
      { numRuns: 20 },
    )
  })

  it('takes less of it', () => {
    const model = tinyModel()
    const { graph } = intervene(withObjective(model), model.sizes(inputsOf(model)), [], {
      observed: [],
      gradients: true,
    })
    const [all, few] = [undefined, ['loss']].map((keep) => engines[0].load(graph, { keep }).bytes)
    expect(few).toBeLessThan(0.7 * all)
  })
})

describe('a value that was not kept', () => {
  const builder = new GraphBuilder()
  let value = builder.input('x', [4])
  for (const name of ['a', 'b', 'c', 'd']) {
    value = builder.op('add', [value, value])
    builder.point(name, value)
  }
  const graph = builder.build()

  it('cannot be read', () => {
    const program = engines[0].load(graph, { keep: ['d'] })
    program.view(0).set([1, 2, 3, 4])
    program.run()
    expect(Array.from(program.view(pointOf(graph, 'd')))).toEqual([16, 32, 48, 64])
    expect(() => program.view(pointOf(graph, 'b'))).toThrow(OpsinError)
    expect(() => program.view(pointOf(graph, 'b'))).toThrow(/point "b".*given to a later value.*\[VALUE\]/)
  })

  it('can be asked for by no name that does not exist', () => {
    expect(() => engines[0].load(graph, { keep: ['e'] })).toThrow(/\[NAME\]/)
  })
})

describe('compute', () => {
  it('leaves every state as it is, and update changes it', () => {
    const model = tinyModel()
    const inputs = inputsOf(model)
    const { graph } = intervene(withObjective(model), model.sizes(inputs), [], { observed: [], gradients: true })
    const step = prune(share(optimize(graph, adam({ lr: 0.1 }))), ['loss'])
    const program = engines[1].load(step, { keep: ['loss'] })
    const values = { ...valuesOf(inputs, weightsOf(model, 0)), 'optimizer.rates': [0.1, 1] }
    const states = step.nodes.flatMap((node, id) =>
      node.kind === 'input' && (node.feeder === 'parameter' || node.feeder === 'state') ? [id] : [],
    )
    step.nodes.forEach((node, id) => {
      if (node.kind === 'input') program.view(id).set((values as Record<string, number[]>)[node.name] ?? [])
    })
    const snapshot = () => states.map((id) => program.view(id).slice())
    const before = snapshot()
    program.compute()
    expect(snapshot()).toEqual(before)
    program.update()
    expect(snapshot()).not.toEqual(before)
  })
})
