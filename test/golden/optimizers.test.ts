import {
  adam,
  adamW,
  constantSchedule,
  cosineSchedule,
  type Groups,
  groups,
  linearSchedule,
  type Optimizer,
  optimizerFrom,
  sgd,
  stepSchedule,
  warmUpSchedule,
} from 'opsin'
import { describe, expect, test } from 'vitest'
import type { EngineName } from '../../src/backends/index.ts'
import { inputViews, readState, type State, writeState } from '../../src/backends/program-io.ts'
import { optimize, ratesInput } from '../../src/compile/optimize.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { assign, ratesAt, trainedAt } from '../../src/optimizers/assign.ts'
import { nativeEngine } from '../support/native-engine.ts'
import golden from './optimizers.json' with { type: 'json' }

// PyTorch (optimizers.py, f64) took the same steps along the same gradients; PROVENANCE.md tells how and when.

const warmCosine = warmUpSchedule({ steps: 4, from: 0.05, before: cosineSchedule({ from: 0.5, to: 0.01, steps: 8 }) })

/** Under the names of optimizers.py. */
const cases: Record<keyof typeof golden.cases, Optimizer | Groups> = {
  adam: adam({ lr: 0.1, beta1: 0.8, beta2: 0.95, eps: 1e-6 }),
  adamW: adamW({ lr: 0.1, weightDecay: 0.3 }),
  'sgd with decay': sgd({ lr: 0.1, weightDecay: 0.2 }),
  'sgd with momentum and decay': sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.2 }),
  clipped: sgd({ lr: 0.1, momentum: 0.9, weightDecay: 0.2, clip: 2.5 }),
  'constant after a warm-up': sgd({ lr: warmUpSchedule({ steps: 5, before: constantSchedule({ value: 0.1 }) }) }),
  linear: sgd({ lr: linearSchedule({ from: 0.5, to: 0.1, steps: 8 }) }),
  cosine: sgd({ lr: cosineSchedule({ from: 0.5, steps: 7 }) }),
  steps: adam({ lr: stepSchedule({ from: 0.5, factor: 0.1, at: [3, 7] }) }),
  'adamW, clipped, cosine after a warm-up': adamW({ lr: warmCosine, weightDecay: 0.1, clip: 1 }),
  groups: groups(
    [
      { match: 'a', optimizer: sgd({ lr: 0.1, momentum: 0.5 }) },
      { match: '*', optimizer: adamW({ lr: 0.2, weightDecay: 0.5 }) },
    ],
    { clip: 2.5 },
  ),
  frozen: groups([
    { match: 'a', frozen: true },
    { match: 'b', optimizer: adam({ lr: 0.1, clip: 1.5 }) },
  ]),
  turns: groups(
    [
      { match: 'a', optimizer: adam({ lr: 0.1 }), turns: { every: 3, from: 1, to: 2 } },
      { match: 'b', optimizer: adamW({ lr: warmCosine, weightDecay: 0.1 }), turns: { every: 3, from: 2, to: 4 } },
    ],
    { clip: 1.5 },
  ),
}

const shapes = Object.entries(golden.shapes)

/** Parts of a flat vector, by the names of the parameters. */
function named(flat: readonly number[]): Record<string, number[]> {
  const rest = [...flat]
  return Object.fromEntries(shapes.map(([name, shape]) => [name, rest.splice(0, sizeOf(shape))]))
}

/** loss = Σ parameter · slope: each parameter's gradient is its slope, an input. */
function lossGraph() {
  const builder = new GraphBuilder()
  const sums = shapes.map(([name, shape]) => {
    const parameter = builder.input(name, shape, 'parameter')
    const product = builder.op('multiply', [parameter, builder.input(`slope of ${name}`, shape)])
    return builder.op('reduce-sum', [product], { shape: [] })
  })
  builder.point('loss', builder.op('add', sums))
  return differentiate(builder.build())
}

/** The parameters after each step, as one flat vector. */
async function take(optimizer: Optimizer | Groups, name: EngineName): Promise<number[][]> {
  const backend = await nativeEngine(name)
  const trained = assign(
    optimizer,
    shapes.map(([name]) => ({ name })),
  )
  let state: State = Object.fromEntries(
    Object.entries(named(golden.start)).map(([name, values]) => [name, Float64Array.from(values)]),
  )
  return golden.gradients.map((gradients, step) => {
    const program = backend.load(prune(optimize(lossGraph(), optimizer, step), ['loss']))
    const inputs = inputViews(program)
    writeState(program, state)
    for (const [name, slope] of Object.entries(named(gradients))) inputs.get(`slope of ${name}`)?.view.set(slope)
    for (const one of trainedAt(trained, step)) inputs.get(ratesInput(one))?.view.set(ratesAt(one, step))
    program.run()
    state = { ...state, ...readState(program) }
    return shapes.flatMap(([name]) => Array.from(state[name]))
  })
}

describe.each([
  ['reference', 1e-12],
  ['wasm', 3e-6],
] as const)('%s is where PyTorch is', (engineName, tolerance) => {
  test.each(Object.entries(cases))('%s', async (name, optimizer) => {
    const got = await take(optimizerFrom(JSON.parse(JSON.stringify(optimizer.config))), engineName)
    const expected = golden.cases[name as keyof typeof cases]
    expected.forEach((values, step) => {
      const worst = Math.max(...values.map((value, i) => Math.abs(value - got[step][i])))
      expect(worst, `step ${step}`).toBeLessThanOrEqual(tolerance)
    })
  })
})
