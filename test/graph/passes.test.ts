import fc from 'fast-check'
import { attentionOnly, type Intervention, type Model } from 'opsin'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../../src/graph/build.ts'
import { gradientName } from '../../src/graph/differentiate.ts'
import type { Graph } from '../../src/graph/node.ts'
import { type PassName, passNames } from '../../src/graph/passes/index.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { tableRows } from '../../src/graph/passes/table-rows.ts'
import { verify } from '../../src/graph/verify.ts'
import { type IntervenedOptions, intervene, numbered } from '../../src/interventions/intervene.ts'
import { interventionsFor } from '../support/interventions.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'

interface Case {
  readonly model: Model
  readonly list: readonly Intervention[]
  readonly seed: number
  /** Points that someone listens to. */
  readonly observed: readonly string[]
}

const cases: fc.Arbitrary<Case> = fc.record({ options: tinyOptions, seed: fc.nat(999) }).chain(({ options, seed }) => {
  const model = attentionOnly(options)
  const length = options.inputs?.kind === 'tokens' ? 4 : 5
  const names = [...model.hookPoints.keys()].flatMap((name) => [name, gradientName(name)])
  return fc
    .record({ list: interventionsFor(model, length), observed: fc.subarray(names, { maxLength: 4 }) })
    .map(({ list, observed }) => ({ model, list, seed, observed }))
})

/** The graph of a training step before the optimiser, and how to run it. */
function lowered({ model, list, seed, observed }: Case, options: Partial<IntervenedOptions>) {
  const inputs = inputsOf(model, seed)
  const { graph } = intervene(model, model.sizes(inputs), numbered(list), { observed, gradients: true, ...options })
  verify(graph)
  return { graph, read: runGraph(graph, valuesOf(inputs, weightsOf(model, seed))) }
}

/** Loss, every parameter's gradient, and what is listened to. */
function expectClose({ model, observed }: Case, mine: ReturnType<typeof lowered>, plain: ReturnType<typeof lowered>) {
  for (const point of ['loss', ...model.parameters.map(({ name }) => gradientName(name)), ...observed]) {
    const [a, b] = [plain.read(point), mine.read(point)]
    // Some gradients are zero but for rounding: LayerNorm cancels a constant.
    const scale = Math.max(1e-3, ...a.map(Math.abs))
    expect(b.length, point).toBe(a.length)
    a.forEach((value, i) => void expect(Math.abs(b[i] - value) / scale, point).toBeLessThan(1e-10))
  }
}

describe('a training step with and without passes', () => {
  it('is the same with all of them as with none', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const plain = lowered(one, { without: passNames })
        fc.pre(Number.isFinite(plain.read('loss')[0]))
        expectClose(one, lowered(one, {}), plain)
      }),
      { numRuns: 60 },
    )
  })

  it.each(passNames)('is the same without %s', (name) => {
    fc.assert(
      fc.property(cases, (one) => {
        const without = lowered(one, { without: [name] })
        fc.pre(Number.isFinite(without.read('loss')[0]))
        expectClose(one, lowered(one, {}), without)
      }),
      { numRuns: 20 },
    )
  })
})

describe("the paper's model", () => {
  const model = attentionOnly({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'exemplars', features: 6, labels: 4 } })
  const sizes = { batch: 16, pairs: 2, rows: 5 }
  const graphOf = (without: readonly PassName[], observed: readonly string[] = []) =>
    intervene(model, sizes, [], { observed, gradients: true, without }).graph

  it('embeds once a table row, and projects once a row in the first layer', () => {
    const elements = (graph: Graph) => rowsOfLinears(graph)
    expect(elements(graphOf([]))).not.toEqual(elements(graphOf(['table-rows'])))
    // 5 exemplars; 5 + 4 rows of both embeddings for q, k and v
    expect(rowsOfLinears(graphOf([])).slice(0, 4)).toEqual([5, 9, 9, 9])
  })

  it('asks one query a sequence in the last layer', () => {
    const queries = (graph: Graph) =>
      graph.nodes.flatMap((node) => (node.kind === 'op' && node.op === 'softmax' ? [node.shape[2]] : []))
    expect(queries(lastOnly(graphOf([])))).toEqual([5, 1])
    expect(queries(lastOnly(graphOf(['last-rows'])))).toEqual([5, 5])
  })

  it('computes the whole pattern where someone listens', () => {
    const graph = graphOf([], ['blocks.1.attn.pattern'])
    expect(graph.nodes[graph.points['blocks.1.attn.pattern']].shape).toEqual([16, 2, 5, 5])
  })
})

it('what splits the axis of look-ups stays behind them', () => {
  const builder = new GraphBuilder()
  const looked = builder.op('gather', [builder.input('table', [3, 4]), builder.input('ids', [8], 'data', 'int')])
  builder.point('output', builder.op('reshape', [looked], { shape: [2, 4, 4] }))
  const graph = builder.build()
  expect(tableRows(graph, { gradients: [] })).toEqual(graph)
})

/** Rows of each linear's output that the loss needs, in order. */
function rowsOfLinears(graph: Graph): number[] {
  return lastOnly(graph).nodes.flatMap((node) =>
    node.kind === 'op' && node.op === 'linear' ? [node.shape.slice(0, -1).reduce((a, b) => a * b, 1)] : [],
  )
}

function lastOnly(graph: Graph): Graph {
  return prune(graph, ['loss'])
}
