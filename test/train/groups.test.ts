import {
  ablate,
  adam,
  adamW,
  at,
  decodeCheckpoint,
  duringSteps,
  encodeCheckpoint,
  type Groups,
  groups,
  initialize,
  OpsinError,
  type Optimizer,
  optimizerFrom,
  sgd,
  type TrainOptions,
} from 'opsin'
import { describe, expect, it, test } from 'vitest'
import { engine } from '../../src/backends/index.ts'
import { optimize } from '../../src/compile/optimize.ts'
import { Programs } from '../../src/compile/programs.ts'
import { gradientName } from '../../src/graph/address.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import type { Graph } from '../../src/graph/node.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { Receipts } from '../../src/inference/receipts.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { Trainer } from '../../src/train/trainer.ts'
import { intervenedGraph } from '../support/intervened.ts'
import { valuesOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'
import { BATCH, bytesOf, model, task, tinyRun } from '../support/runs.ts'

const names = model.parameters.map(({ name }) => name)
const run = (options: Partial<TrainOptions>) => tinyRun({ interventions: [], ...options })

/** The first block and the rest take turns; the embedding stays. */
const alternating = groups(
  [
    { match: 'embed.*', frozen: true },
    { match: 'blocks.0.*', optimizer: adam({ lr: 0.02, clip: 1 }), turns: { every: 3, to: 2 } },
    { match: ['unembed.*', '*'], optimizer: sgd({ lr: 0.1, momentum: 0.7 }), turns: { every: 3, from: 1 } },
  ],
  { clip: 1.9 },
)

describe('by hand', () => {
  type Weights = Record<string, Float64Array>
  const normOf = (gradients: Weights, of: readonly string[]) =>
    Math.sqrt(of.flatMap((name) => Array.from(gradients[name])).reduce((sum, g) => sum + g * g, 0))
  const factorOf = (norm: number, largest: number) => Math.min(1, largest / (norm + 1e-6))

  it('frozen, clipped and alternating groups give the same weights', async () => {
    const inGroup = (i: number) =>
      names.filter((name) => (name.startsWith('embed.') ? 0 : name.startsWith('blocks.0.') ? 1 : 2) === i)
    const weights: Weights = Object.fromEntries(
      Object.entries(initialize(model, 5, 'f64')).map(([name, { data }]) => [name, Float64Array.from(data)]),
    )
    const [m, v, u]: Weights[] = [{}, {}, {}]
    for (const name of names) for (const one of [m, v, u]) one[name] = new Float64Array(weights[name].length)
    const factors = { both: new Set<boolean>(), own: new Set<boolean>() }
    let updates = 0
    for (let step = 0; step < 12; step++) {
      const inputs = { ...task.tables, ...task.batch(step, BATCH) }
      const shaped = Object.fromEntries(
        model.parameters.map(({ name, shape }) => [name, { shape, data: weights[name] }]),
      )
      const read = runGraph(differentiate(intervenedGraph(model, inputs, [])), valuesOf(inputs, shaped))
      const gradients = Object.fromEntries(names.map((name) => [name, read(gradientName(name)) as Float64Array]))
      const turns = [...(step % 3 < 2 ? [1] : []), ...(step % 3 > 0 ? [2] : [])]
      const both = factorOf(normOf(gradients, turns.flatMap(inGroup)), 1.9)
      if (turns.includes(1)) {
        const own = both * factorOf(both * normOf(gradients, inGroup(1)), 1)
        factors.both.add(both < 1)
        factors.own.add(own < both)
        updates++
        for (const name of inGroup(1)) {
          gradients[name].forEach((gradient, i) => {
            const g = own * gradient
            m[name][i] = 0.9 * m[name][i] + 0.1 * g
            v[name][i] = 0.999 * v[name][i] + 0.001 * g * g
            const size = Math.sqrt(v[name][i] / (1 - 0.999 ** updates)) + 1e-8
            weights[name][i] -= (0.02 * m[name][i]) / (1 - 0.9 ** updates) / size
          })
        }
      }
      if (!turns.includes(2)) continue
      for (const name of inGroup(2)) {
        gradients[name].forEach((gradient, i) => {
          u[name][i] = 0.7 * u[name][i] + both * gradient
          weights[name][i] -= 0.1 * u[name][i]
        })
      }
    }
    // Both kinds of clipping had something to do, and not everywhere.
    expect([factors.both.size, factors.own.size]).toEqual([2, 2])
    const trained = await run({ optimizer: alternating, engine: 'reference' })
    for (const name of names) {
      const { data } = trained.run.parameters[name]
      expect(Math.max(...weights[name].map((w, i) => Math.abs(w - data[i]))), name).toBeLessThan(1e-10)
    }
  })
})

describe.each(['wasm', 'reference'] as const)('turns on %s', (engineName) => {
  it('leave parameters and memory of the others as they are, to the bit', async () => {
    const { checkpoints } = await run({ optimizer: alternating, engine: engineName, checkpointEvery: BATCH })
    const start = initialize(model, 5, engineName === 'wasm' ? 'f32' : 'f64')
    const states = [start, ...checkpoints.map(({ state }) => state)]
    const memory = { 1: ['optimizer.1.m', 'optimizer.1.v'], 2: ['optimizer.2.u'] }
    const own = (i: 1 | 2) => [
      ...names.filter((name) => !name.startsWith('embed.') && name.startsWith('blocks.0.') === (i === 1)),
      ...memory[i],
    ]
    for (let step = 0; step < 12; step++) {
      const same = (name: string) => expect(states[step + 1][name]?.data, `${name} at ${step}`)
      for (const name of names.filter((one) => one.startsWith('embed.'))) same(name).toEqual(start[name].data)
      for (const i of [1, 2] as const) {
        const turn = i === 1 ? step % 3 < 2 : step % 3 > 0
        for (const name of own(i)) {
          if (turn) same(name).not.toEqual(states[step][name]?.data)
          else same(name).toEqual(states[step][name]?.data)
        }
      }
    }
  })

  it('resumed in the middle, end in the same bytes as the unbroken run, windows or not', async () => {
    const interventions = [ablate(at(model, 'blocks.1.attn.v', { head: 1 }), { when: duringSteps(3, 7) })]
    const options = { optimizer: alternating, engine: engineName, interventions }
    const whole = await run({ ...options, checkpointEvery: BATCH })
    for (const checkpoint of whole.checkpoints) {
      const again = await run({ ...options, resume: decodeCheckpoint(encodeCheckpoint(checkpoint)) })
      expect(bytesOf(again.run), `from step ${checkpoint.step}`).toBe(bytesOf(whole.run))
      expect(again.run.receipts).toEqual(whole.run.receipts)
    }
  })
})

describe('the graph', () => {
  const inputs = { ...task.tables, ...task.batch(0, BATCH) }
  const backward = differentiate(intervenedGraph(model, inputs, []))
  const stepGraph = (optimizer: Optimizer | Groups, step = 0) => prune(optimize(backward, optimizer, step), ['loss'])
  const opsOf = ({ nodes }: Graph) => nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []))
  const added = (optimizer: Optimizer | Groups) => opsOf(optimize(backward, optimizer)).slice(opsOf(backward).length)
  const inputNames = ({ nodes }: Graph) => nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : []))

  it('of one optimiser has one vector, one op, and no more than its options ask for', () => {
    expect(added(adam({ lr: 1 }))).toEqual(['pack', 'pack', 'adam'])
    expect(added(sgd({ lr: 1 }))).toEqual(['pack', 'pack', 'sgd'])
    expect(added(sgd({ lr: 1, momentum: 0.5, weightDecay: 0 }))).toEqual(['pack', 'pack', 'momentum'])
    expect(inputNames(optimize(backward, adam({ lr: 1 }))).slice(inputNames(backward).length)).toEqual([
      'optimizer.m',
      'optimizer.v',
      'optimizer.rates',
    ])
    expect(added(adam({ lr: 1, clip: 1 }))).toEqual(['pack', 'pack', 'clip-factor', 'multiply', 'adam'])
  })

  it('of groups has one vector and one op a group', () => {
    const two = [
      { match: 'blocks.*', optimizer: adam({ lr: 1 }) },
      { match: '*', optimizer: adamW({ lr: 1 }) },
    ]
    expect(added(groups(two)).sort()).toEqual(['adam', 'adam-w', 'pack', 'pack', 'pack', 'pack'])
  })

  it('computes no gradients of what is frozen or waits for its turn', () => {
    const all = opsOf(stepGraph(sgd({ lr: 1 }))).length
    const top = groups([
      { match: 'unembed.*', optimizer: sgd({ lr: 1 }) },
      { match: '*', frozen: true },
    ])
    const waiting = groups([
      { match: 'unembed.*', optimizer: sgd({ lr: 1 }) },
      { match: '*', optimizer: sgd({ lr: 1 }), turns: { from: 1 } },
    ])
    const forward = opsOf(prune({ ...backward, updates: [] }, ['loss'])).length
    // Loss and logits backwards, the two gradients, two packs and a step.
    expect(opsOf(stepGraph(top)).length).toBeLessThan(forward + 10)
    expect(opsOf(stepGraph(waiting)).length).toBeLessThan(forward + 10)
    expect(opsOf(stepGraph(waiting, 1)).length).toBeGreaterThan(all)
  })
})

it('gradients are read as they were before they were clipped', async () => {
  const trainer = async (optimizer: Optimizer) => {
    const sizes = model.sizes({ ...task.tables, ...task.batch(0, BATCH) })
    const receipts = new Receipts([])
    const state = checkParameters(model, initialize(model, 5))
    const [backend, tables] = [await engine('wasm'), task.tables]
    const made = new Trainer({
      programs: new Programs(backend, withObjective(model)),
      optimizer,
      interventions: [],
      receipts,
      tables,
      sizes,
      state,
    })
    await made.train(task.batch(0, BATCH))
    return names.map((name) => made.read(gradientName(name)).data)
  }
  expect(await trainer(sgd({ lr: 0.1, clip: 1e-3 }))).toEqual(await trainer(sgd({ lr: 0.1 })))
})

it('are rebuilt by their config', () => {
  expect(optimizerFrom(JSON.parse(JSON.stringify(alternating.config))).config).toEqual(alternating.config)
})

it('one group of all trains as its optimiser alone', async () => {
  const alone = await run({ optimizer: adam({ lr: 0.01 }) })
  const grouped = await run({ optimizer: groups([{ match: '*', optimizer: adam({ lr: 0.01 }) }]) })
  expect(grouped.run.parameters).toEqual(alone.run.parameters)
})

describe('groups that make no sense are refused', () => {
  const rule = adam({ lr: 1 })
  test.each<[string, () => unknown, RegExp]>([
    ['none', () => groups([]), /groups: expected at least one group that is not frozen.*\[VALUE\]/],
    ['all frozen', () => groups([{ match: '*', frozen: true }]), /at least one group that is not frozen/],
    ['one in place of a list', () => groups({ match: '*' } as never), /groups: expected an array.*\[VALUE\]/],
    ['no optimiser', () => groups([{ match: '*' }]), /groups\[0\]: expected either an optimizer.*\[VALUE\]/],
    ['both', () => groups([{ match: '*', frozen: true, optimizer: rule }]), /groups\[0\]: expected either/],
    ['turns of the frozen', () => groups([{ match: '*', frozen: true, turns: { to: 1 } }]), /expected either/],
    ['no match', () => groups([{ optimizer: rule } as never]), /groups\[0\]\.match: .*got nothing.*\[VALUE\]/],
    ['an empty match', () => groups([{ match: [], optimizer: rule }]), /groups\[0\]\.match: .*\[VALUE\]/],
    ['a config', () => groups([{ match: '*', optimizer: { kind: 'adam' } as never }]), /groups\[0\]\.optimizer: /],
    ['groups in groups', () => groups([{ match: '*', optimizer: alternating as never }]), /optimizer.*\[VALUE\]/],
    ['an unknown field', () => groups([{ match: '*', optimzer: rule } as never]), /"optimzer".*optimizer.*\[NAME\]/],
    ['turns of all', () => groups([{ match: '*', optimizer: rule, turns: { every: 2 } }]), /turns.*not all.*\[VALUE\]/],
    ['a norm of nothing', () => groups([{ match: '*', optimizer: rule }], { clip: 0 }), /groups: clip.*\[VALUE\]/],
    [
      'JSON of none',
      () => optimizerFrom({ kind: 'groups' }),
      /optimizerFrom: groups: expected a list of groups, got nothing.*\[VALUE\]/,
    ],
    [
      'JSON of groups in groups',
      () => optimizerFrom({ kind: 'groups', groups: [{ match: '*', optimizer: alternating.config }] }),
      /groups\[0\]\.optimizer\.kind: .*"groups".*\[NAME\]/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OpsinError)
  })

  test.each<[string, Parameters<typeof groups>[0], RegExp]>([
    [
      'a glob that matches nothing',
      [{ match: ['*', 'blocks.7.*'], optimizer: rule }],
      /groups\[0\]: match: .*"blocks\.7\.\*".*Nearest: blocks\..*\[NAME\]/,
    ],
    ['a misspelt name', [{ match: 'unembed.wieght', optimizer: rule }], /Nearest: unembed\.weight.*\[NAME\]/],
    [
      'a glob in the shade of another',
      [
        { match: '*', optimizer: rule },
        { match: 'unembed.*', frozen: true },
      ],
      /groups\[1\]: match.*no earlier group.*\[NO_EFFECT\]/,
    ],
    ['what is left out', [{ match: 'blocks.*', optimizer: rule }], /every parameter in a group.*embed.*\[VALUE\]/],
    [
      'a turn after the end',
      [
        { match: 'blocks.*', optimizer: rule, turns: { from: 12 } },
        { match: '*', optimizer: rule },
      ],
      /optimizer\.0: turns: expected one of the run's 12 steps.*\[NO_EFFECT\]/,
    ],
    ['a step of nobody', [{ match: '*', optimizer: rule, turns: { every: 4, to: 3 } }], /at step 3.*\[NO_EFFECT\]/],
  ])('%s', async (_, list, message) => {
    await expect(run({ optimizer: groups(list) })).rejects.toThrow(message)
  })
})
