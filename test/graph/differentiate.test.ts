import { describe, expect, it } from 'vitest'
import { forwardName, gradientName } from '../../src/graph/address.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import { runGraph } from '../support/run-graph.ts'

/** loss = Σ p · (p + d), with p trained and d given. */
function quadratic() {
  const builder = new GraphBuilder()
  const [p, d] = [builder.input('p', [3], 'parameter'), builder.input('d', [3])]
  builder.point('sum', builder.op('add', [p, d]))
  builder.point('fixed', builder.op('add', [d, d]))
  builder.input('unused', [2], 'parameter')
  builder.point('loss', builder.op('reduce-sum', [builder.op('multiply', [p, builder.pointId('sum')])], { shape: [] }))
  return builder
}

const values = { p: [1, 2, 3], d: [10, 20, 30] }

describe('differentiate', () => {
  it('sums the gradients of a value that is used twice', () => {
    expect(runGraph(differentiate(quadratic().build()), values)('grad(p)')).toEqual(new Float64Array([12, 24, 36]))
  })

  it('gives every point a gradient, zeros where the loss does not depend on it', () => {
    const read = runGraph(differentiate(quadratic().build()), values)
    expect(read('grad(sum)')).toEqual(new Float64Array([1, 2, 3]))
    expect(read('grad(fixed)')).toEqual(new Float64Array(3))
    expect(read('grad(unused)')).toEqual(new Float64Array(2))
    expect(read('grad(loss)')).toEqual(new Float64Array([1]))
  })

  it('gives one to a point that no parameter touches', () => {
    const builder = quadratic()
    const scaled = builder.op('multiply', [builder.pointId('fixed'), builder.pointId('sum')])
    builder.point('loss', builder.op('reduce-sum', [scaled], { shape: [] }))
    expect(runGraph(differentiate(builder.build()), values)('grad(fixed)')).toEqual(new Float64Array([11, 22, 33]))
  })

  it('takes any scalar for the loss, and nothing else', () => {
    const builder = quadratic()
    builder.point('other', builder.op('reduce-sum', [builder.pointId('sum')], { shape: [] }))
    expect(runGraph(differentiate(builder.build(), 'other'), values)('grad(p)')).toEqual(new Float64Array([1, 1, 1]))
    expect(() => differentiate(builder.build(), 'sum')).toThrow(/expected a scalar, got float \[3\].*\[GRADIENT\]/)
    expect(() => differentiate(builder.build(), 'loss ')).toThrow(/Nearest: loss.*\[NAME\]/)
  })

  it('refuses an op without a gradient between a parameter and the loss, and only there', () => {
    const build = (feeder: 'parameter' | 'table') => {
      const builder = new GraphBuilder()
      const weight = builder.input('w', [1, 3, 2], feeder)
      const exemplars = builder.point('exemplars', builder.op('add', [weight, weight]))
      const pattern = builder.point('pattern', builder.op('match-pattern', [exemplars], { temperature: 1 }))
      builder.point('loss', builder.op('reduce-sum', [pattern], { shape: [] }))
      return builder.build()
    }
    expect(() => differentiate(build('parameter'))).toThrow(/\(pattern\).*got match-pattern.*\[GRADIENT\]/)
    const read = runGraph(differentiate(build('table')), { w: [1, 2, 3, 4, 5, 6] })
    expect(read('grad(pattern)')).toEqual(new Float64Array(5).fill(1))
  })

  it('keeps a pass in front of the gradient', () => {
    expect(gradientName('blocks.0.attn.q')).toBe('grad(blocks.0.attn.q)')
    expect(gradientName('clean/blocks.0.attn.q')).toBe('clean/grad(blocks.0.attn.q)')
    for (const name of ['blocks.0.attn.q', 'clean/blocks.0.attn.q']) expect(forwardName(gradientName(name))).toBe(name)
    expect(forwardName('clean/logits')).toBe('clean/logits')
  })
})
