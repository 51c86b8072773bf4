import fc from 'fast-check'
import { preNorm } from 'opsin'
import { describe, expect, it } from 'vitest'
import { programOver } from '../../src/backends/arena.ts'
import { optimize } from '../../src/compile/optimize.ts'
import { bytesPerElement } from '../../src/core/dtype.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import type { Graph, NodeId, OpNode } from '../../src/graph/node.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { share } from '../../src/graph/passes/share.ts'
import { type Plan, plan } from '../../src/graph/plan.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { opNamed } from '../../src/ops/registry.ts'
import { adam, sgd } from '../../src/optimizers/index.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'

/** Which nodes may share bytes: a view and what it shows, a pack and its inputs, a state and its new value. */
function relatives({ graph }: Plan): (a: NodeId, b: NodeId) => boolean {
  const parent = graph.nodes.map((_, id) => id)
  const root = (id: NodeId): NodeId => (parent[id] === id ? id : root(parent[id]))
  const join = (a: NodeId, b: NodeId) => {
    parent[root(a)] = root(b)
  }
  graph.nodes.forEach((node, id) => {
    if (node.kind !== 'op') return
    const { memory } = opNamed(node.op)
    if (memory === 'view') join(id, node.inputs[0])
    if (memory === 'pack') for (const input of node.inputs) join(id, input)
  })
  for (const { state, value } of graph.updates) join(state, value)
  return (a, b) => root(a) === root(b)
}

function expectDisjoint(planned: Plan, guard: number) {
  const { places, precision } = planned
  const related = relatives(planned)
  const spans = places.map(({ offset, length, dtype }, id) => {
    return { id, start: offset, end: offset + length * bytesPerElement(dtype, precision) }
  })
  for (const { start, end } of spans) {
    expect(start % 4).toBe(0)
    expect(end + guard).toBeLessThanOrEqual(planned.bytes)
  }
  for (const a of spans) {
    for (const b of spans) {
      if (a.id >= b.id || related(a.id, b.id)) continue
      const apart = a.end + guard <= b.start || b.end + guard <= a.start
      expect(apart, `%${a.id} [${a.start}, ${a.end}) and %${b.id} [${b.start}, ${b.end})`).toBe(true)
    }
  }
}

function trainingStep(options: Parameters<typeof preNorm>[0], seed: number, rule = adam({ lr: 0.1 })) {
  const model = preNorm(options)
  const inputs = inputsOf(model, seed)
  const graph = prune(share(optimize(differentiate(withObjective(model).graph(model.sizes(inputs))), rule)), ['loss'])
  return { graph, values: { ...valuesOf(inputs, weightsOf(model, seed)), 'optimizer.rates': rule.rates(0) } }
}

/** What a run should leave: every node in a buffer of its own, then all updates at once. */
function bruteForce({ nodes, updates }: Graph, inputs: ReadonlyMap<NodeId, ArrayLike<number>>) {
  const values: Float64Array[] = []
  nodes.forEach((node, id) => {
    const out = new Float64Array(sizeOf(node.shape))
    if (node.kind === 'input') out.set(inputs.get(id) ?? [])
    else {
      const call = { attrs: node.attrs, inputs: node.inputs.map((i) => nodes[i].shape), shape: node.shape }
      opNamed(node.op).forward(
        out,
        node.inputs.map((i) => values[i]),
        call,
      )
    }
    values.push(out)
  })
  const after = new Map([...inputs].map(([id, value]) => [id, Float64Array.from(value)]))
  for (const { state, value } of updates) {
    const node = nodes[state]
    let start = 0
    for (const id of node.kind === 'op' ? node.inputs : [state]) {
      const length = sizeOf(nodes[id].shape)
      after.set(id, values[value].slice(start, start + length))
      start += length
    }
  }
  return { values, after }
}

function load(graph: Graph) {
  const planned = plan(graph, 'f64')
  return programOver(planned, new ArrayBuffer(planned.bytes), 0, (node: OpNode, call, _, { out, inputs }) => {
    return () => opNamed(node.op).forward(out, inputs, call)
  })
}

/** Runs the graph as planned, several times, against brute force. */
function expectSameRuns(graph: Graph, given: Readonly<Record<string, ArrayLike<number>>>, observed: NodeId[] = []) {
  const program = load(graph)
  let state = new Map<NodeId, Float64Array>()
  graph.nodes.forEach((node, id) => {
    if (node.kind !== 'input') return
    const value = Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => given[node.name]?.[i] ?? 0)
    state.set(id, value)
    program.view(id).set(value)
  })
  for (let run = 0; run < 3; run++) {
    const { values, after } = bruteForce(graph, state)
    program.run()
    for (const id of observed) expect(Array.from(program.view(id)), `%${id}`).toEqual(Array.from(values[id]))
    state = after
    for (const [id, value] of after) expect(Array.from(program.view(id)), `%${id}`).toEqual(Array.from(value))
  }
}

describe('plan', () => {
  it.each([0, 16, 64])('lets no two values overlap that are not one, guard %i', (guard) => {
    fc.assert(
      fc.property(tinyOptions, fc.constantFrom('f32' as const, 'f64' as const), (options, precision) => {
        expectDisjoint(plan(trainingStep(options, 0).graph, precision, { guard }), guard)
      }),
      { numRuns: 4 },
    )
  })

  it('places parameters and gradients inside their flat vectors and computes updates over their state', () => {
    const { graph } = trainingStep({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 5 } }, 0)
    const { order, updates, constants, copies, places } = plan(graph, 'f32')
    const packs = graph.nodes.flatMap((node, id) => (node.kind === 'op' && node.op === 'pack' ? [id] : []))
    expect(packs).toHaveLength(2)
    expect([...order, ...updates, ...constants].filter((id) => packs.includes(id))).toEqual([])
    expect(copies).toEqual([])
    for (const { state, value } of graph.updates) expect(places[value].offset).toBe(places[state].offset)
  })

  it('computes what depends on no input once, and everything else at each run', () => {
    const { graph } = trainingStep({ layers: 1, heads: 1, dModel: 4, inputs: { kind: 'tokens', vocab: 5 } }, 0)
    const { order, constants } = plan(graph, 'f32')
    for (const id of constants)
      expect((graph.nodes[id] as OpNode).inputs.every((i) => constants.includes(i))).toBe(true)
    expect(constants.filter((id) => order.includes(id))).toEqual([])
  })

  it('gives training steps the values of brute force, run after run', () => {
    const rules = [adam({ lr: 0.1 }), sgd({ lr: 0.1 }), sgd({ lr: 0.1, momentum: 0.9 })]
    fc.assert(
      fc.property(tinyOptions, fc.nat(99), fc.constantFrom(...rules), (options, seed, rule) => {
        const { graph, values } = trainingStep(options, seed, rule)
        expectSameRuns(graph, values, [graph.points.loss])
      }),
      { numRuns: 12 },
    )
  })
})

const g = [1, 2, 3, 4]
const start = { s: [1, 10, 100, 1000], t: [5, 6, 7, 8], g }

function built(build: (builder: GraphBuilder, s: NodeId, t: NodeId, g: NodeId) => NodeId[]) {
  const builder = new GraphBuilder()
  const [s, t] = ['s', 't'].map((name) => builder.input(name, [4], 'state'))
  const observed = build(builder, s, t, builder.input('g', [4]))
  return { graph: builder.build(), observed }
}

function expectRight(build: Parameters<typeof built>[0]) {
  const { graph, observed } = built(build)
  expectSameRuns(graph, start, observed)
  return plan(graph, 'f64').copies.length
}

describe('updates in place', () => {
  it('happen when nothing reads the old value later', () => {
    const copies = expectRight((builder, s, _, g) => {
      const before = builder.op('add', [s, g])
      builder.update(s, builder.op('add', [s, g]))
      return [before]
    })
    expect(copies).toBe(0)
  })

  it('wait when something reads the old value later', () => {
    expectRight((builder, s, _, g) => {
      builder.update(s, builder.op('add', [s, g]))
      return [builder.op('add', [s, g])]
    })
  })

  it('wait when a view of the old value is read later', () => {
    expectRight((builder, s, _, g) => {
      const seen = builder.op('reshape', [s], { shape: [4] })
      builder.update(s, builder.op('add', [s, g]))
      return [builder.op('add', [seen, g])]
    })
  })

  it('wait when a part of a pack is read later', () => {
    expectRight((builder, s, t, g) => {
      const both = builder.op('pack', [s, t])
      const twice = builder.op('pack', [builder.op('add', [g, g]), builder.op('add', [g, s])])
      builder.update(both, builder.op('add', [both, twice]))
      return [builder.op('multiply', [t, g])]
    })
  })

  it('wait when another update keeps the old value', () => {
    expectRight((builder, s, t, g) => {
      builder.update(t, s)
      builder.update(s, builder.op('add', [s, g]))
      return []
    })
  })
})

describe('updates', () => {
  it('can hand values on from state to state, in whatever order they are said', () => {
    for (const turned of [false, true]) {
      expectRight((builder, s, t, g) => {
        const updates = [() => builder.update(t, s), () => builder.update(s, builder.op('add', [s, g]))]
        for (const update of turned ? updates.reverse() : updates) update()
        return []
      })
    }
  })

  it('refuse states that swap values', () => {
    const { graph } = built((builder, s, t) => {
      builder.update(t, s)
      builder.update(s, t)
      return []
    })
    expect(() => plan(graph, 'f64')).toThrow(/a circle of them.*\[INTERNAL\]/)
  })

  it('can give two states one value', () => {
    expectRight((builder, s, t, g) => {
      const next = builder.op('add', [s, g])
      builder.update(s, next)
      builder.update(t, next)
      return []
    })
  })

  it('lay a pack over its parts, whatever other packs they are in', () => {
    expectRight((builder, s, t, g) => {
      const turned = builder.op('pack', [t, s])
      const both = builder.op('pack', [s, t])
      builder.update(both, builder.op('add', [both, builder.op('pack', [g, g])]))
      return [turned]
    })
  })

  it('refuse two packs that cannot both be laid over their parts', () => {
    const { graph } = built((builder, s, t, g) => {
      for (const both of [builder.op('pack', [t, s]), builder.op('pack', [s, t])]) {
        builder.update(both, builder.op('add', [both, builder.op('pack', [g, g])]))
      }
      return []
    })
    expect(() => plan(graph, 'f64')).toThrow(/plan: update.*\[INTERNAL\]/)
  })

  it('refuse a state that is computed', () => {
    const { graph } = built((builder, s, t, g) => {
      builder.update(builder.op('add', [s, t]), g)
      return []
    })
    expect(() => plan(graph, 'f64')).toThrow(
      /plan: update: expected an input or a pack of inputs that are in no other pack.*\[INTERNAL\]/,
    )
  })
})
