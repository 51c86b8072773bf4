import fc from 'fast-check'
import { at, type Intervention, type Model, preNorm, type Site } from 'opsin'
import { describe, expect, it } from 'vitest'
import { type IntervenedOptions, intervene, numbered } from '../../src/compile/intervene.ts'
import type { NumberArray } from '../../src/core/dtype.ts'
import { gradientName, pointInReplica } from '../../src/graph/address.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/node.ts'
import { type PassName, passNames } from '../../src/graph/passes/index.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { tableRows } from '../../src/graph/passes/table-rows.ts'
import { verify } from '../../src/graph/verify.ts'
import { type Observed, observedPoint } from '../../src/interventions/observed.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { interventionsFor, siteAt } from '../support/interventions.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'
import { selectedValues } from '../support/selection.ts'

interface Case {
  readonly model: Model
  readonly list: readonly Intervention[]
  readonly seed: number
  /** Points that are read. */
  readonly observed: readonly string[]
  /** Selections that are read, each of another point. */
  readonly selected: readonly Site[]
}

const cases: fc.Arbitrary<Case> = fc.record({ options: tinyOptions, seed: fc.nat(999) }).chain(({ options, seed }) => {
  const model = preNorm(options)
  const length = options.inputs?.kind === 'tokens' ? 4 : 5
  const names = [...model.hookPoints.keys()].flatMap((name) => [name, gradientName(name)])
  const site = fc
    .constantFrom(...names)
    .chain((point) => siteAt(model, point, length))
    .chain((site) => fc.constantFrom(site, site, { ...site, replica: 'clean' }))
  return fc
    .record({
      list: interventionsFor(model, length),
      observed: fc.subarray(names, { maxLength: 4 }),
      selected: fc.uniqueArray(site, { maxLength: 3, selector: observedPoint }),
    })
    .map((drawn) => ({ ...drawn, model, seed }))
})

/** The graph of a training step before the optimiser, and how to run it. */
function lowered({ model, list, seed, observed, selected }: Case, options: Partial<IntervenedOptions>) {
  const inputs = inputsOf(model, seed)
  const all: IntervenedOptions = { observed: [...observed, ...selected], gradients: true, ...options }
  const { graph } = intervene(withObjective(model), model.sizes(inputs), numbered(list), all)
  verify(graph)
  return { graph, read: runGraph(graph, valuesOf(inputs, weightsOf(model, seed))) }
}

/** Loss, every parameter's gradient, and what is read besides. */
function expectClose(
  { model, observed, selected }: Case,
  mine: ReturnType<typeof lowered>,
  plain: ReturnType<typeof lowered>,
) {
  for (const point of ['loss', ...model.parameters.map(({ name }) => gradientName(name)), ...observed]) {
    expectNear(point, mine.read(point), plain.read(point))
  }
  for (const site of selected)
    expectNear(observedPoint(site), mine.read(observedPoint(site)), slice(model, site, plain))
}

function expectNear(point: string, b: NumberArray, a: ArrayLike<number>) {
  // Some gradients are zero but for rounding: LayerNorm cancels a constant.
  const scale = Math.max(1e-3, ...Array.from(a, Math.abs))
  expect(b.length, point).toBe(a.length)
  Array.from(a).forEach((value, i) => void expect(Math.abs(b[i] - value) / scale, point).toBeLessThan(1e-10))
}

/** What a site selects of the whole value. */
function slice(model: Model, site: Site, { graph, read }: ReturnType<typeof lowered>) {
  const name = pointInReplica(site.point, site.replica)
  const length = (model.config.inputs as { kind: string }).kind === 'tokens' ? 4 : 5
  return selectedValues(model, site, { shape: graph.nodes[graph.points[name]].shape, data: read(name) }, length)
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

describe('reading values', () => {
  it('changes nothing that the loss needs', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const plain = lowered(one, { without: passNames })
        const isPart = (site: Site) =>
          slice(one.model, site, plain).length < plain.read(pointInReplica(site.point, site.replica)).length
        const selected = one.selected.filter((site) => !site.point.startsWith('grad(') && isPart(site))
        const observed = one.observed.filter((point) => !point.startsWith('grad('))
        const loss = (more: Pick<Case, 'observed' | 'selected'>) =>
          lastOnly(lowered({ ...one, ...more }, {}).graph).nodes
        expect(loss({ observed, selected })).toEqual(loss({ observed: [], selected: [] }))
      }),
      { numRuns: 60 },
    )
  })
})

describe("the paper's model", () => {
  const model = preNorm({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'exemplars', features: 6, labels: 4 } })
  const sizes = { batch: 16, pairs: 2, rows: 5 }
  const graphOf = (without: readonly PassName[], observed: readonly Observed[] = []) =>
    intervene(withObjective(model), sizes, [], { observed, gradients: true, without }).graph

  it('embeds once a table row, and projects once a row in the first layer', () => {
    const elements = (graph: Graph) => rowsOfLinears(graph)
    expect(elements(graphOf([]))).not.toEqual(elements(graphOf(['table-rows'])))
    // 5 exemplars; 5 + 4 rows of both embeddings for q, k and v
    expect(rowsOfLinears(graphOf([])).slice(0, 4)).toEqual([5, 9, 9, 9])
  })

  it('asks one query a sequence in the last layer', () => {
    const queries = (graph: Graph) =>
      graph.nodes.flatMap((node) => (node.kind === 'op' && node.op === 'causal-softmax' ? [node.shape[2]] : []))
    expect(queries(lastOnly(graphOf([])))).toEqual([5, 1])
    expect(queries(lastOnly(graphOf(['last-rows'])))).toEqual([5, 5])
  })

  it('computes the whole pattern where it is read', () => {
    const graph = graphOf([], ['blocks.1.attn.pattern'])
    expect(graph.nodes[graph.points['blocks.1.attn.pattern']].shape).toEqual([16, 2, 5, 5])
  })

  it.each([
    at(model, 'blocks.1.resid_pre', { pos: 'last' }),
    at(model, 'blocks.1.attn.q', { pos: 'last' }),
    at(model, 'blocks.1.attn.rot_q', { pos: 'last' }),
    at(model, 'blocks.1.attn.pattern', { query: 'last' }),
    at(model, 'blocks.1.attn.z', { pos: 'last' }),
    at(model, 'blocks.1.attn_out', { pos: 'last' }),
  ])('computes nothing for a read of the rows that the loss reads: $point', (site) => {
    const graph = graphOf([], [site])
    expect(prune(graph, ['loss', observedPoint(site)])).toEqual({
      ...lastOnly(graph),
      points: expect.objectContaining({ [observedPoint(site)]: expect.any(Number) }),
    })
    expect(lastOnly(graph).nodes).toEqual(lastOnly(graphOf([])).nodes)
  })

  it('takes some heads of those rows, and of nothing else', () => {
    const site = at(model, 'blocks.1.attn.pattern', { key: 'labels', query: 'last', head: 1 })
    const graph = graphOf([], [site])
    const added = prune(graph, ['loss', observedPoint(site)]).nodes.length - lastOnly(graph).nodes.length
    expect(added).toBe(2)
    expect(lastOnly(graph).nodes).toEqual(lastOnly(graphOf([])).nodes)
  })

  it('computes other rows beside, no more of them than are read', () => {
    const site = at(model, 'blocks.1.attn.q', { pos: 'labels' })
    const rows = (names: readonly string[]) => rowsOfLinears(prune(graphOf([], [site]), names), names)
    expect(rows(['loss', observedPoint(site)]).sort()).toEqual([...rows(['loss']), 16 * 2].sort())
  })
})

it('what splits the axis of look-ups stays behind them', () => {
  const builder = new GraphBuilder()
  const looked = builder.op('gather', [builder.input('table', [3, 4]), builder.input('ids', [8], 'batch', 'int')])
  builder.point('output', builder.op('reshape', [looked], { shape: [2, 4, 4] }))
  const graph = builder.build()
  expect(tableRows(graph, { gradients: [] })).toEqual(graph)
})

/** Rows of each linear's output that the loss needs, or what else is named, in order. */
function rowsOfLinears(graph: Graph, names: readonly string[] = ['loss']): number[] {
  return prune(graph, names).nodes.flatMap((node) =>
    node.kind === 'op' && node.op === 'linear' ? [node.shape.slice(0, -1).reduce((a, b) => a * b, 1)] : [],
  )
}

function lastOnly(graph: Graph): Graph {
  return prune(graph, ['loss'])
}
