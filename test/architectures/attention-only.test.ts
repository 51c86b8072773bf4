import fc from 'fast-check'
import { OpsinError, preNorm, tensor } from 'opsin'
import { describe, expect, it } from 'vitest'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf, withElement } from '../support/models.ts'
import { selectRows } from '../support/rows.ts'
import { runGraph } from '../support/run-graph.ts'

describe('hook points', () => {
  it('are those of the graph, with its ranks, fixed sizes and order', () => {
    fc.assert(
      fc.property(tinyOptions, (options) => {
        const model = preNorm(options)
        const graph = withObjective(model).graph(model.sizes(inputsOf(model)))
        expect(Object.keys(graph.points).sort()).toEqual([...model.hookPoints.keys()].sort())
        for (const [name, { axes, sizes }] of model.hookPoints) {
          const { shape, dtype } = graph.nodes[graph.points[name]]
          expect(dtype).toBe('float')
          expect(shape, name).toHaveLength(axes.length)
          axes.forEach((axis, i) => {
            const size = sizes?.[axis]
            if (size !== undefined) expect(shape[i], `${name} ${axis}`).toBe(size)
          })
        }
        const ids = [...model.hookPoints.keys()].map((name) => graph.points[name])
        expect(new Set(ids).size, 'each point is a node of its own').toBe(ids.length)
        // q, k, v are named together before the rotated ones; between blocks the order is that of computation.
        const blocks = [...model.hookPoints.keys()].filter((name) =>
          /resid_post|resid_pre|attn_out|logits|loss/.test(name),
        )
        const order = blocks.map((name) => graph.points[name])
        expect(order).toEqual([...order].sort((a, b) => a - b))
      }),
      { numRuns: 40 },
    )
  })

  it('exist only where the options have them', () => {
    const tokens = { kind: 'tokens', vocab: 3 } as const
    const bare = preNorm({ layers: 1, heads: 1, dModel: 2, norm: 'none', positions: 'none', inputs: tokens })
    expect([...bare.hookPoints.keys()]).toEqual(
      ['embed', 'resid_pre', 'attn.q', 'attn.k', 'attn.v', 'attn.scores', 'attn.pattern', 'attn.z', 'attn.result']
        .concat(['attn_out', 'resid_post', 'logits', 'loss'])
        .map((name) => (/embed|logits|loss/.test(name) ? name : `blocks.0.${name}`)),
    )
    const full = preNorm({ layers: 3, heads: 1, dModel: 2, mlpRatio: 1, positions: 'learned', inputs: tokens })
    expect(full.hookPoints.get('blocks.2.mlp.post')?.axes).toEqual(['batch', 'pos', 'd_mlp'])
    expect(full.hookPoints.has('pos_embed')).toBe(true)
    expect(full.hookPoints.has('blocks.0.attn.rot_q')).toBe(false)
    expect(full.hookPoints.has('blocks.3.attn.q')).toBe(false)
  })
})

describe('the forward pass', () => {
  it('cannot see the future where it is causal, and does where it is not', () => {
    fc.assert(
      fc.property(tinyOptions, fc.nat(99), fc.integer({ min: 1, max: 3 }), (options, seed, position) => {
        const model = preNorm({ ...options, inputs: { kind: 'tokens', vocab: 5 }, readout: 'all' })
        const inputs = inputsOf(model, seed)
        const graph = withObjective(model).graph(model.sizes(inputs))
        const weights = weightsOf(model, seed)
        const other = (inputs.tokens.data[position] + 1) % 5
        const changed = { ...inputs, tokens: withElement(inputs.tokens, position, other) }
        const [a, b] = [inputs, changed].map((given) => runGraph(graph, valuesOf(given, weights))('logits'))
        const past = 5 * position
        const same = Object.is(a.slice(0, past).join(), b.slice(0, past).join())
        expect(same).toBe(options.causal)
        expect(a.slice(past, past + 5), 'the token itself').not.toEqual(b.slice(past, past + 5))
        expect(a.slice(20), 'the other sequence').toEqual(b.slice(20))
      }),
      { numRuns: 40 },
    )
  })

  it('treats each sequence of a batch alone', () => {
    fc.assert(
      fc.property(tinyOptions, fc.nat(99), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (options, seed, order) => {
        const model = preNorm(options)
        const inputs = inputsOf(model, seed, { batch: 3 })
        const turned = Object.fromEntries(
          Object.entries(inputs).map(([name, { shape, data }]) => {
            return [name, name === 'features' ? tensor(shape, data) : tensor(shape, selectRows(data, shape, 0, order))]
          }),
        )
        const graph = withObjective(model).graph(model.sizes(inputs))
        const [a, b] = [inputs, turned].map((given) => runGraph(graph, valuesOf(given, weightsOf(model, seed))))
        for (const point of ['logits', 'blocks.0.attn.pattern']) {
          const { shape } = graph.nodes[graph.points[point]]
          expect(b(point)).toEqual(selectRows(a(point), shape, 0, order))
        }
        expect(b('loss')[0]).toBeCloseTo(a('loss')[0], 12)
      }),
      { numRuns: 30 },
    )
  })

  it('reads the last position as the whole read-out does', () => {
    const options = { layers: 2, heads: 2, dModel: 4, inputs: { kind: 'tokens', vocab: 5 } } as const
    const [all, last] = [preNorm({ ...options, readout: 'all' }), preNorm({ ...options, readout: 'last' })]
    const inputs = inputsOf(last, 4)
    const values = valuesOf(inputs, weightsOf(last, 4))
    const whole = runGraph(withObjective(all).graph({ batch: 2, length: 4 }), values)('logits')
    const read = runGraph(withObjective(last).graph({ batch: 2, length: 4 }), values)('logits')
    expect(read).toEqual(selectRows(whole, [2, 4, 5], 1, [3]))
  })
})

describe('positions', () => {
  it('are words for the places of exemplars, labels and the query', () => {
    const model = preNorm({ layers: 1, heads: 1, dModel: 2 })
    expect(model.positions({ batch: 4, pairs: 3, rows: 9 })).toEqual({
      last: [6],
      query: [6],
      exemplars: [0, 2, 4, 6],
      labels: [1, 3, 5],
    })
    const tokens = preNorm({ layers: 1, heads: 1, dModel: 2, inputs: { kind: 'tokens', vocab: 9 } })
    expect(tokens.positions({ batch: 4, length: 6 })).toEqual({ last: [5], query: [5] })
  })
})

describe('options that do not fit', () => {
  const right = { layers: 1, heads: 2, dModel: 8 }
  const make = (options: object) => () => preNorm({ ...right, ...options } as typeof right)

  it.each<[string, object, RegExp]>([
    ['no layers', { layers: 0 }, /layers: expected a positive integer of at most 1024, got 0/],
    ['half a head', { heads: 1.5 }, /heads/],
    ['a width that is no number', { dModel: '8' }, /dModel/],
    ['heads that do not divide the width', { heads: 3 }, /dHead/],
    ['an odd head with rotary positions', { dHead: 3 }, /dHead.*even/],
    ['an MLP of no width', { mlpRatio: 0 }, /mlpRatio/],
    ['an MLP of a broken width', { mlpRatio: 0.3 }, /mlpRatio/],
    [
      'unknown positions',
      { positions: 'alibi' },
      /positions: expected rotary \| learned \| sinusoidal \| none, got "alibi"/,
    ],
    ['an unknown norm', { norm: 'batchnorm' }, /norm/],
    ['an unknown read-out', { readout: 'first' }, /readout/],
    ['a mask that is no boolean', { causal: 'no' }, /causal/],
    ['an eps of zero', { eps: 0 }, /eps/],
    ['an eps that is no number', { eps: Number.NaN }, /eps/],
    ['a rotary base of zero', { rotaryBase: 0 }, /rotaryBase/],
    ['no length', { maxLength: 0, positions: 'learned' }, /maxLength/],
    ['unknown inputs', { inputs: { kind: 'pixels' } }, /exemplars|tokens/],
    ['inputs of an inherited name', { inputs: { kind: 'constructor' } }, /exemplars|tokens/],
    ['inputs that are no object', { inputs: 'tokens' }, /inputs/],
    ['no features', { inputs: { kind: 'exemplars', features: 0, labels: 5 } }, /features/],
    ['no labels', { inputs: { kind: 'exemplars', features: 3 } }, /labels/],
    ['no vocabulary', { inputs: { kind: 'tokens' } }, /vocab/],
    ['1e308 heads', { heads: 1e308 }, /heads: expected a positive integer of at most 65536, got 1e\+308/],
    ['more layers than memory', { layers: 1e9 }, /layers/],
    [
      'more weights than memory',
      { dModel: 2 ** 20, dHead: 2, inputs: { kind: 'tokens', vocab: 2 ** 20 } },
      /at most 1073741824 numbers.*\[VALUE\]/,
    ],
    ['a null for a default', { dHead: null }, /dHead.*got null/],
    ['a size that overflows', { mlpRatio: 1e308 }, /mlpRatio/],
    ['inputs that are null', { inputs: null }, /inputs: expected a kind of inputs \{"kind": …\}, got null/],
    [
      'inputs of a listed kind',
      { inputs: { kind: ['tokens'], vocab: 3 } },
      /kind of inputs, got \["tokens"\].*\[NAME\]/,
    ],
    ['a misspelt option', { postions: 'none' }, /"postions".*Nearest: positions/],
    [
      'a misspelt part of the inputs',
      { inputs: { kind: 'tokens', vocab: 3, vocabulary: 3 } },
      /"vocabulary".*Nearest: vocab/,
    ],
  ])('%s', (_, options, message) => {
    expect(make(options)).toThrow(message)
    expect(make(options)).toThrow(OpsinError)
  })
})

it.each([undefined, null, 5, 'x', [], new Float32Array(2)])('options that are %s are refused', (options) => {
  expect(() => preNorm(options as unknown as { layers: 1; heads: 2; dModel: 8 })).toThrow(
    /preNorm: expected an object of options.*\[VALUE\]/,
  )
})

it('does not keep what it was given, which may change', () => {
  const inputs = { kind: 'tokens' as const, vocab: 4 }
  const { config } = preNorm({ layers: 1, heads: 2, dModel: 8, inputs })
  inputs.vocab = 5
  expect(config.inputs).toEqual({ kind: 'tokens', vocab: 4 })
})

describe('inputs that do not fit', () => {
  const right = { layers: 1, heads: 2, dModel: 8 }
  const model = withObjective(preNorm({ ...right, inputs: { kind: 'exemplars', features: 3, labels: 4 } }))
  const inputs = inputsOf(model)

  it.each<[string, object, RegExp]>([
    ['inputs that are missing', { labels: undefined }, /input "labels".*nothing.*\[SHAPE\]/],
    ['other features', { features: tensor([7, 2], new Float32Array(14)) }, /input "features".*\[7, 2\].*\[SHAPE\]/],
    ['another batch', { targets: tensor([3], new Int32Array(3)) }, /input "targets".*\[SHAPE\]/],
    [
      'a label out of range',
      { labels: withElement(inputs.labels, 1, 4) },
      /"labels", element 1.*0 to 3, got 4.*\[VALUE\]/,
    ],
    ['a row out of range', { exemplars: withElement(inputs.exemplars, 5, 7) }, /"exemplars", element 5.*\[VALUE\]/],
    [
      'a target below none',
      { targets: withElement(inputs.targets, 0, -2) },
      /"targets", element 0.*-1 to 3.*\[VALUE\]/,
    ],
  ])('%s', (_, change, message) => {
    expect(() => model.sizes({ ...inputs, ...change })).toThrow(message)
  })

  it('sizes that are missing or no sizes, and sequences longer than learned positions', () => {
    expect(() => withObjective(model).graph({ batch: 2, pairs: 2 })).toThrow(/"rows".*\[SHAPE\]/)
    expect(() => withObjective(model).graph({ batch: 0, pairs: 2, rows: 3 })).toThrow(/"batch".*\[SHAPE\]/)
    const short = preNorm({ ...right, positions: 'learned', maxLength: 4 })
    expect(() => short.graph({ batch: 1, pairs: 2, rows: 3 })).toThrow(/maxLength = 4.*got 5.*\[SHAPE\]/)
  })
})
