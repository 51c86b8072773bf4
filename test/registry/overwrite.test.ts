import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { GraphBuilder, pointOf } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import type { Graph } from '../../src/graph/node.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { simplify } from '../../src/graph/passes/simplify.ts'

// value [2, 3], source [3], mask [2, 1]: the second row is overwritten. The loss weighs each element differently.
const weights = [1, 2, 3, 4, 5, 6]

function gradients(gradient: 'block' | 'straight-through' | 'source') {
  const builder = new GraphBuilder()
  const value = builder.input('value', [2, 3], 'parameter')
  const source = builder.input('source', [3], 'parameter')
  const mask = builder.op('mask', [], { shape: [2, 1], select: [[1], null] })
  const output = builder.point('output', builder.op('overwrite', [value, source, mask], { gradient }))
  const weighted = builder.op('multiply', [output, builder.op('constant', [], { shape: [2, 3], value: weights })])
  builder.point('loss', builder.op('reduce-sum', [weighted], { shape: [] }))
  const graph = differentiate(builder.build())
  const program = referenceBackend('f64').load(graph)
  program.view(value).set([10, 20, 30, 40, 50, 60])
  program.view(source).set([-1, -2, -3])
  program.run()
  const read = (name: string) => Array.from(program.view(pointOf(graph, name)))
  return { output: read('output'), value: read('grad(value)'), source: read('grad(source)') }
}

describe('the gradient rule of an overwrite', () => {
  it.each(['block', 'straight-through', 'source'] as const)('%s does not change the value', (rule) => {
    expect(gradients(rule).output).toEqual([10, 20, 30, -1, -2, -3])
  })

  it('block: what is overwritten gets no gradient, and neither does the source', () => {
    expect(gradients('block')).toMatchObject({ value: [1, 2, 3, 0, 0, 0], source: [0, 0, 0] })
  })

  it('replica: the value gets the gradient as if it were not overwritten', () => {
    expect(gradients('straight-through')).toMatchObject({ value: [1, 2, 3, 4, 5, 6], source: [0, 0, 0] })
  })

  it('source: the gradient goes where the new value comes from', () => {
    expect(gradients('source')).toMatchObject({ value: [1, 2, 3, 0, 0, 0], source: [4, 5, 6] })
  })
})

type Rule = 'block' | 'straight-through' | 'source'
type Select = readonly (readonly number[] | null)[]

const shape = [2, 3, 4]

/** A loss that weighs each element of an overwrite differently; the source is a parameter [3, 1] or the number 0. */
function overwriting(select: Select, gradient: Rule, zero: boolean): Graph {
  const builder = new GraphBuilder()
  const value = builder.input('value', shape, 'parameter')
  const own = builder.input('source', [3, 1], 'parameter')
  const source = zero ? builder.op('constant', [], { shape: [], value: 0 }) : own
  const lead = shape.length - select.length
  const mask = builder.op('mask', [], { shape: select.map((rows, i) => (rows ? shape[lead + i] : 1)), select })
  const output = builder.point('output', builder.op('overwrite', [value, source, mask], { gradient }))
  const squares = builder.op('multiply', [output, builder.op('multiply', [output, value])])
  builder.point('loss', builder.op('reduce-sum', [squares], { shape: [] }))
  return builder.build()
}

function opsOf(graph: Graph): string[] {
  return prune(graph, ['output']).nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []))
}

function valuesOf(graph: Graph): number[][] {
  const backward = differentiate(graph)
  const program = referenceBackend('f64').load(backward)
  for (const name of ['value', 'source']) {
    const view = program.view(backward.nodes.findIndex((node) => node.kind === 'input' && node.name === name))
    view.forEach((_, i) => {
      view[i] = i + 1
    })
  }
  program.run()
  const points = ['output', 'grad(output)', 'grad(value)', 'grad(source)']
  return points.map((name) => Array.from(program.view(pointOf(backward, name))))
}

describe('an overwrite and what it fuses into', () => {
  it('are the same, forward and backward', () => {
    const rows = (length: number) =>
      fc.option(fc.array(fc.integer({ min: 0, max: length - 1 }), { minLength: 0, maxLength: 5 }))
    const select = fc.tuple(...shape.map(rows)).chain((whole) => fc.nat(2).map((lead) => whole.slice(lead)))
    fc.assert(
      fc.property(
        select,
        fc.constantFrom<Rule[]>('block', 'straight-through', 'source'),
        fc.boolean(),
        (...written) => {
          const graph = overwriting(...written)
          expect(valuesOf(simplify(graph, { values: ['output'], gradients: ['output'] }))).toEqual(valuesOf(graph))
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each<[string, Select, Rule, boolean, string[]]>([
    ['zeros in some rows: the others, put among zeros', [[0, 2], null], 'block', true, ['take', 'put']],
    ['every row: the source', [[0, 1, 2, 3]], 'block', false, ['broadcast', 'stop-gradient']],
    ['every row, by a source with a gradient', [[0, 1, 2, 3]], 'source', false, ['broadcast', 'reshape']],
    ['no row: the value', [[], null], 'block', false, ['reshape']],
    ['zeros along two axes', [[1], [2]], 'block', true, ['constant', 'mask', 'overwrite']],
    ['some rows of something else', [[1], null], 'block', false, ['mask', 'overwrite']],
    ['straight through', [[1], null], 'straight-through', true, ['constant', 'mask', 'overwrite']],
  ])('%s', (_, select, gradient, zero, left) => {
    expect(opsOf(simplify(overwriting(select, gradient, zero), { values: [], gradients: [] }))).toEqual(left)
  })

  it('keeps the way to a value whose gradient is read', () => {
    const graph = overwriting([[0, 1, 2, 3]], 'block', false)
    const named = { ...graph, points: { ...graph.points, before: 0 } }
    expect(opsOf(simplify(named, { values: ['before'], gradients: [] }))).not.toContain('overwrite')
    expect(opsOf(simplify(named, { values: ['before'], gradients: ['before'] }))).toContain('overwrite')
  })

  it('is left alone where its source or its mask is a value that is read', () => {
    const graph = overwriting([[0]], 'block', true)
    const named = (op: string) => ({
      ...graph,
      points: { ...graph.points, read: graph.nodes.findIndex((node) => node.kind === 'op' && node.op === op) },
    })
    for (const op of ['constant', 'mask'])
      expect(opsOf(simplify(named(op), { values: ['read'], gradients: [] }))).toContain('overwrite')
  })
})
