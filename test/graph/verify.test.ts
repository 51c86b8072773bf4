import { OpsinError } from 'opsin'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { GraphBuilder, inputOf, pointOf } from '../../src/graph/build.ts'
import type { Graph, OpNode } from '../../src/graph/node.ts'
import { takeUp } from '../../src/graph/passes/move.ts'
import { verify } from '../../src/graph/verify.ts'
import { ops } from '../../src/ops/registry.ts'

function small(): Graph {
  const builder = new GraphBuilder()
  const x = builder.input('x', [2, 3], 'parameter')
  builder.point('y', builder.op('add', [x, builder.op('multiply', [x, x])]))
  builder.update(x, builder.pointId('y'))
  return builder.build()
}

const withNode = (graph: Graph, id: number, change: Partial<OpNode>): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node, i) => (i === id ? ({ ...node, ...change } as OpNode) : node)),
})

describe('verify', () => {
  const graph = small()

  it('gives a good graph back', () => expect(verify(graph)).toBe(graph))

  it.each<[string, Graph, RegExp]>([
    ['an input that comes later', withNode(graph, 1, { inputs: [2, 0] }), /inputs come before: expected ids below 1/],
    ['an input that does not exist', withNode(graph, 1, { inputs: [-1, 0] }), /inputs come before/],
    ['another shape', withNode(graph, 1, { shape: [3, 2] }), /types are those of the op.*\[2, 3\], got \[3, 2\]/],
    ['another dtype', withNode(graph, 1, { dtype: 'int' }), /types are those of the op/],
    ['attributes that are no JSON', withNode(graph, 1, { attrs: { f: () => 0 } }), /attributes are plain JSON/],
    ['a point of nothing', { ...graph, points: { z: 9 } }, /points name nodes: expected a node for z, got %9/],
    ['an update of another shape', { ...graph, updates: [{ state: 0, value: 7 }] }, /updates keep the type/],
    [
      'one name for two inputs',
      { ...graph, nodes: [graph.nodes[0], graph.nodes[0]] },
      /input names are unique.*x twice/,
    ],
  ])('finds %s', (_, broken, message) => {
    const whole = broken.nodes.length < 3 ? { ...broken, points: {}, updates: [] } : broken
    expect(() => verify(whole)).toThrow(message)
    expect(() => verify(whole)).toThrow(OpsinError)
  })
})

describe('what an op says of its axes', () => {
  // The bias is the input that `linear` can do without, so nothing else would notice.
  const builder = new GraphBuilder()
  const [x, weight, bias] = [[2, 3], [3, 4], [4]].map((shape, i) => builder.input(`x${i}`, shape))
  builder.op('linear', [x, weight, bias])
  const graph = builder.build()
  const call = { attrs: {}, inputs: [[2, 3], [3, 4], [4]], shape: [2, 4] }
  afterEach(() => void vi.restoreAllMocks())

  it('may not leave an input out', () => {
    expect(verify(graph)).toBe(graph)
    vi.spyOn(ops.linear, 'axes').mockReturnValue({ output: [{ over: [0, null] }, null] })
    expect(() => verify(graph)).toThrow(
      /"linear", the loop over axis 0: expected one entry for each of 3 inputs.*INTERNAL/,
    )
    expect(() => takeUp(ops.linear, call, { axis: 0, indices: [1] })).toThrow(/one entry for each of 3 inputs/)
  })
})

describe('the builder', () => {
  it('names what it does not find, with the nearest', () => {
    const builder = new GraphBuilder(small())
    expect(() => builder.pointId('z')).toThrow(/"z".*Nearest: y.*\[NAME\]/)
    expect(() => builder.inputId('xx')).toThrow(/Nearest: x.*\[NAME\]/)
    expect(() => pointOf(small(), 'constructor')).toThrow(/\[NAME\]/)
    expect(() => builder.pointId('constructor')).toThrow(/\[NAME\]/)
    expect(() => builder.op('constructor', [])).toThrow(/\[NAME\]/)
    expect(() => inputOf(small(), 'y')).toThrow(/\[NAME\]/)
    expect(() => builder.input('x', [1])).toThrow(/"x".*\[NAME\]/)
    expect(() => builder.op('add', [0, 99])).toThrow(/%?99.*\[INTERNAL\]/)
  })

  it('throws where a shape does not fit', () => {
    const builder = new GraphBuilder()
    const [x, y] = [builder.input('x', [2, 3]), builder.input('y', [3, 2])]
    expect(() => builder.op('add', [x, y])).toThrow(/add.*\[2, 3\].*\[3, 2\].*\[SHAPE\]/)
    expect(builder.length).toBe(2)
  })

  it('leaves the graph it starts from alone', () => {
    const graph = small()
    const before = JSON.stringify(graph)
    const builder = new GraphBuilder(graph)
    builder.point('y', builder.op('add', [0, 0]))
    expect(JSON.stringify(graph)).toBe(before)
    expect(pointOf(builder.build(), 'y')).toBe(3)
  })

  it('makes nodes that cannot be changed', () => {
    expect(Object.isFrozen(small().nodes[0])).toBe(true)
  })
})
