import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { GraphBuilder, pointOf } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'

// value [2, 3], source [3], mask [2, 1]: the second row is overwritten. The loss weighs each element differently.
const weights = [1, 2, 3, 4, 5, 6]

function gradients(gradient: 'block' | 'pass' | 'source') {
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
  it.each(['block', 'pass', 'source'] as const)('%s does not change the value', (rule) => {
    expect(gradients(rule).output).toEqual([10, 20, 30, -1, -2, -3])
  })

  it('block: what is overwritten gets no gradient, and neither does the source', () => {
    expect(gradients('block')).toMatchObject({ value: [1, 2, 3, 0, 0, 0], source: [0, 0, 0] })
  })

  it('pass: the value gets the gradient as if it were not overwritten', () => {
    expect(gradients('pass')).toMatchObject({ value: [1, 2, 3, 4, 5, 6], source: [0, 0, 0] })
  })

  it('source: the gradient goes where the new value comes from', () => {
    expect(gradients('source')).toMatchObject({ value: [1, 2, 3, 0, 0, 0], source: [4, 5, 6] })
  })
})
