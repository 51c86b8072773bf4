import {
  ablate,
  activation,
  adam,
  adamW,
  at,
  clamp,
  cosineSchedule,
  duringSteps,
  type Intervention,
  OpsinError,
  type Optimizer,
  optimizerFrom,
  patch,
  previousToken,
  scale,
  sgd,
  warmUpSchedule,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { initialize } from '../../src/architectures/initialize.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import { intervenedGraph } from '../support/intervened.ts'
import { valuesOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'
import { BATCH, model, task, tinyRun } from '../support/runs.ts'

type Rule = (weight: number, gradient: number, step: number, memory: number[]) => number

const rules: [string, Optimizer, Rule][] = [
  [
    'adam',
    adam({ lr: 0.02, beta1: 0.8, beta2: 0.95 }),
    (w, g, step, memory) => {
      memory[0] = 0.8 * (memory[0] ?? 0) + 0.2 * g
      memory[1] = 0.95 * (memory[1] ?? 0) + 0.05 * g * g
      const [m, v] = [memory[0] / (1 - 0.8 ** (step + 1)), memory[1] / (1 - 0.95 ** (step + 1))]
      return w - (0.02 * m) / (Math.sqrt(v) + 1e-8)
    },
  ],
  [
    'adamW',
    adamW({ lr: 0.02, beta1: 0.8, beta2: 0.95, weightDecay: 0.5 }),
    (w, g, step, memory) => {
      memory[0] = 0.8 * (memory[0] ?? 0) + 0.2 * g
      memory[1] = 0.95 * (memory[1] ?? 0) + 0.05 * g * g
      const [m, v] = [memory[0] / (1 - 0.8 ** (step + 1)), memory[1] / (1 - 0.95 ** (step + 1))]
      return w - 0.02 * 0.5 * w - (0.02 * m) / (Math.sqrt(v) + 1e-8)
    },
  ],
  [
    'adam with a schedule',
    adam({
      lr: warmUpSchedule({ steps: 3, before: cosineSchedule({ from: 0.02, to: 0.01, steps: 4 }) }),
      beta1: 0,
      beta2: 0,
    }),
    (w, g, step) => {
      const lr = step < 3 ? (0.02 * step) / 3 : 0.01 + 0.005 * (1 + Math.cos((Math.PI * Math.min(step - 3, 4)) / 4))
      return w - (lr * g) / (Math.abs(g) + 1e-8)
    },
  ],
  ['sgd', sgd({ lr: 0.1 }), (w, g) => w - 0.1 * g],
  ['sgd with decay', sgd({ lr: 0.1, weightDecay: 0.3 }), (w, g) => w - 0.1 * (g + 0.3 * w)],
  [
    'sgd with momentum',
    sgd({ lr: 0.1, momentum: 0.7 }),
    (w, g, _, memory) => {
      memory[0] = 0.7 * (memory[0] ?? 0) + g
      return w - 0.1 * memory[0]
    },
  ],
  [
    'sgd with momentum and decay',
    sgd({ lr: 0.1, momentum: 0.7, weightDecay: 0.3 }),
    (w, g, _, memory) => {
      memory[0] = 0.7 * (memory[0] ?? 0) + g + 0.3 * w
      return w - 0.1 * memory[0]
    },
  ],
]

describe.each(rules)('%s', (_, optimizer, rule) => {
  it('by hand gives the same weights, across windows that open and close', async () => {
    const clamped = clamp(at(model, 'blocks.0.attn.pattern', { head: 0 }), previousToken(), { when: duringSteps(2, 5) })
    const cut = ablate(at(model, 'blocks.1.attn.v', { head: 1 }), { when: duringSteps(4) })
    const { run } = await tinyRun({
      optimizer,
      engine: 'reference',
      interventions: [clamped, cut],
      sequences: 8 * BATCH,
    })

    let weights = Object.entries(initialize(model, 5, 'f64')).map(([name, { shape, data }]) => ({ name, shape, data }))
    const memory = new Map(weights.map(({ name, data }) => [name, Array.from(data, (): number[] => [])]))
    for (let step = 0; step < 8; step++) {
      const inputs = { ...task.tables, ...task.batch(step, BATCH) }
      const active: Intervention[] = [...(step >= 2 && step < 5 ? [clamped] : []), ...(step >= 4 ? [cut] : [])]
      const graph = differentiate(intervenedGraph(model, inputs, active))
      const read = runGraph(graph, valuesOf(inputs, Object.fromEntries(weights.map((one) => [one.name, one]))))
      weights = weights.map(({ name, shape, data }) => {
        const gradient = read(`grad(${name})`)
        const next = Float64Array.from(data, (w, i) => rule(w, gradient[i], step, memory.get(name)?.[i] ?? []))
        return { name, shape, data: next }
      })
    }
    for (const { name, data } of weights) {
      const difference = Math.max(...Array.from(data, (value, i) => Math.abs(value - run.parameters[name].data[i])))
      expect(difference, name).toBeLessThan(1e-10)
    }
  })

  it('is rebuilt by its config', () => {
    expect(optimizerFrom(JSON.parse(JSON.stringify(optimizer.config))).config).toEqual(optimizer.config)
  })
})

describe('an optimiser that makes no sense is refused', () => {
  it.each([
    () => adam({ lr: 0 }),
    () => adam({ lr: Number.NaN }),
    () => adam({ lr: 1, beta1: 1 }),
    () => adam({ lr: 1, beta2: -0.1 }),
    () => adam({ lr: 1, eps: 0 }),
    () => sgd({ lr: -1 }),
    () => sgd({ lr: 1, momentum: 1 }),
    () => sgd({ lr: 1, weightDecay: -1 }),
    () => sgd({ lr: 1, clip: 0 }),
    () => adamW({ lr: 1, weightDecay: Number.NaN }),
    () => adam({ lr: { kind: 'cosin', from: 1, steps: 3 } as never }),
    () => adam({ lr: [0.1] as never }),
    () => optimizerFrom({ kind: 'adm', lr: 1 }),
    () => optimizerFrom({ kind: 'constructor', lr: 1 }),
  ])('%#', (make) => expect(make).toThrow(OpsinError))

  it.each<[string, () => unknown, RegExp]>([
    [
      'adam()',
      () => adam(undefined as never),
      /adam: expected an object of options \(lr, beta1, beta2, eps, clip\), got nothing/,
    ],
    ['sgd(0.1)', () => sgd(0.1 as never), /sgd: .*\(lr, momentum, weightDecay, clip\), got 0\.1.*\[VALUE\]/],
    ['sgd({})', () => sgd({} as never), /sgd: lr: expected a positive number or a schedule, got nothing.*\[VALUE\]/],
    ['a misspelt option', () => adam({ lr: 1, beta: 0.9 } as never), /"beta".*Nearest: beta1, beta2.*\[NAME\]/],
    ['a list for a number', () => adam({ lr: 1, beta1: [] as never }), /beta1.*got \[\].*\[VALUE\]/],
    ['a null', () => adam({ lr: 1, beta1: null as never }), /beta1.*got null.*\[VALUE\]/],
    [
      'optimizerFrom()',
      () => optimizerFrom(undefined as never),
      /optimizerFrom: expected an optimiser \{"kind": …\}, got nothing.*\[VALUE\]/,
    ],
    [
      'a kind in a list',
      () => optimizerFrom({ kind: ['adam'] as never, lr: 1 }),
      /\["adam"\].*adam, adam-w, sgd.*\[NAME\]/,
    ],
    ['no kind', () => optimizerFrom({ lr: 1 } as never), /kind: .*got nothing.*adam, adam-w, sgd.*\[NAME\]/],
    ["another's option", () => optimizerFrom({ kind: 'sgd', lr: 1, beta1: 0 }), /"beta1".*\[NAME\]/],
  ])('%s', (_, make, message) => expect(make).toThrow(message))
})

describe('freezing', () => {
  it('a silenced head stays as it was to the bit, under momentum too', async () => {
    const interventions = [ablate(at(model, 'blocks.1.attn.v', { head: 1 }))]
    const start = initialize(model, 5)
    for (const optimizer of [adam({ lr: 0.1 }), sgd({ lr: 0.1, momentum: 0.9 })]) {
      const { run } = await tinyRun({ interventions, optimizer })
      for (const name of ['q', 'k', 'v', 'out']) {
        const [before, after] = [start, run.parameters].map((of) => of[`blocks.1.attn.${name}.weight`].data)
        const own = (i: number) => Math.floor((name === 'out' ? Math.floor(i / 8) : i % 8) / 4) === 1
        for (let i = 0; i < 64; i++) expect(after[i] === before[i], `${name} ${i}`).toBe(own(i))
      }
    }
  })
})

describe('an intervention that changes nothing', () => {
  const points = [...model.hookPoints.keys()]
  const plain = tinyRun({ interventions: [], optimizer: adam({ lr: 0.01 }) })
  const weightsUnder = async (...interventions: Intervention[]) =>
    (await tinyRun({ interventions, optimizer: adam({ lr: 0.01 }) })).run.parameters

  it.each(points)('scale by 1 at %s leaves the run as it was', async (point) => {
    const [same, scaled] = [(await plain).run.parameters, await weightsUnder(scale({ point }, 1))]
    // Only where two ops cannot be fused any more, or change places, do sums round in another order.
    const fused = /attn\.result$|blocks\.1\.attn\.v$/.test(point)
    if (!fused) expect(scaled).toEqual(same)
    for (const [name, { data }] of Object.entries(scaled)) {
      expect(Math.max(...Array.from(data, (value, i) => Math.abs(value - same[name].data[i])))).toBeLessThan(1e-5)
    }
  })

  const own = (point: string) => patch({ point }, activation({ replica: 'clean' }), { gradient: 'source' })

  it.each(['blocks.0.attn.v', 'blocks.1.attn.v', 'blocks.0.resid_post'])(
    'a patch of %s with its own values from a clean pass leaves it bit-identical',
    async (point) => expect(await weightsUnder(own(point))).toEqual((await plain).run.parameters),
  )

  it('where the two passes part, the gradients of what they share are summed in another order, and only that', async () => {
    const [same, patched] = [(await plain).run.parameters, await weightsUnder(own('blocks.0.attn.pattern'))]
    for (const [name, { data }] of Object.entries(patched)) {
      expect(Math.max(...Array.from(data, (value, i) => Math.abs(value - same[name].data[i])))).toBeLessThan(1e-5)
    }
    const one = { interventions: [own('blocks.0.attn.pattern')], sequences: BATCH, evaluateAt: 1 }
    const [a, b] = await Promise.all([tinyRun(one), tinyRun({ ...one, interventions: [] })])
    expect(a.run.records[0]).toEqual(b.run.records[0])
  })
})
