import { type Model, runWithCache, type Tensor } from 'opsin'
import { readBytes, writeAtomic } from 'opsin/node'
import { expect, test } from 'vitest'
import { type EngineName, engine } from '../../src/backends/index.ts'
import { numbered } from '../../src/compile/intervene.ts'
import { Programs } from '../../src/compile/programs.ts'
import { gradientName } from '../../src/graph/address.ts'
import { Receipts } from '../../src/inference/receipts.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { Trainer } from '../../src/train/trainer.ts'
import { cases, models } from './cases.ts'
import { type GoldenRun, inputsFile, makeInputs, readCase, STEPS, under } from './inputs.ts'

// A PyTorch twin (twin.py, f64) computed every case from the same inputs; PROVENANCE.md tells how and when.

type What = 'losses' | 'point' | 'gradient' | 'final'

/** Nothing but the order of sums may differ: measured are 3e-15 in f64 and 1.4e-6 in f32. */
const tolerances = {
  reference: { losses: 1e-9, gradient: 1e-9, point: 1e-10, final: 1e-9 },
  wasm: { losses: 1e-4, gradient: 1e-5, point: 1e-5, final: 1e-5 },
  onnx: { losses: 1e-4, gradient: 1e-5, point: 1e-5, final: 1e-5 },
} as const satisfies Partial<Record<EngineName, Record<What, number>>>

test('the inputs are what their seeds make', () => {
  const made = makeInputs()
  if (process.env.GOLDEN === 'write') writeAtomic(inputsFile, made)
  expect(Buffer.compare(readBytes(inputsFile), made), 'bytes that differ').toBe(0)
})

for (const name of Object.keys(cases)) {
  for (const engineName of ['reference', 'wasm', 'onnx'] as const) {
    test(`${name}: ${engineName} is where PyTorch is`, async () => {
      const run = readCase(name)
      const allowed = tolerances[engineName]
      const { losses, gradients, final } = await train(run, engineName)
      const points = await read(run, engineName)
      for (const [step, loss] of losses.entries()) {
        const expected = run.expected.losses.data[step]
        expect(Math.abs(loss - expected) / expected, `loss of step ${step}`).toBeLessThanOrEqual(allowed.losses)
      }
      expectNear(points, under(run.expected, 'point'), allowed.point)
      expectNear(gradients, under(run.expected, 'gradient'), allowed.gradient)
      expectNear(final, under(run.expected, 'final'), allowed.final)
    })
  }
}

/** Losses of all steps, each before its update; gradients of the first; weights after the last. */
async function train(run: GoldenRun, engineName: EngineName) {
  const model: Model = models[run.model]
  const interventions = numbered(run.interventions)
  const names = model.parameters.map(({ name }) => name)
  const trainer = new Trainer({
    programs: new Programs(await engine(engineName), withObjective(model)),
    optimizer: run.optimizer,
    interventions,
    receipts: new Receipts(interventions),
    tables: run.tables,
    sizes: model.sizes({ ...run.tables, ...run.batch(0) }),
    state: checkParameters(model, run.parameters),
  })
  const losses = [await trainer.train(run.batch(0))]
  const gradients = Object.fromEntries(names.map((name) => [name, trainer.read(gradientName(name)).data]))
  while (losses.length < STEPS) losses.push(await trainer.train(run.batch(trainer.step)))
  const state = trainer.state()
  return { losses, gradients, final: Object.fromEntries(names.map((name) => [name, state[name]])) }
}

/** Hook points of the first batch. A window is not for a run without training; such a case compares none. */
async function read({ model, parameters, tables, batch, interventions, points }: GoldenRun, engineName: EngineName) {
  if (points.length === 0) return {}
  const options = { cache: ['logits', ...points], interventions, engine: engineName }
  const { cache } = await runWithCache(models[model] as Model, parameters, { ...tables, ...batch(0) }, options)
  return Object.fromEntries(Object.entries(cache).map(([name, { data }]) => [name, data]))
}

type Values = Readonly<Record<string, ArrayLike<number>>>

/** Each expected tensor is met to a share of its largest element; one that is zero throughout, exactly. */
function expectNear(got: Values, expected: Readonly<Record<string, Tensor>>, tolerance: number): void {
  expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { data }] of Object.entries(expected)) {
    expect(got[name].length, name).toBe(data.length)
    expect(deviation(got[name], data), name).toBeLessThanOrEqual(tolerance)
  }
}

/** What stands for −∞ (masked scores, absent logits) is met to f32's precision, and sets no scale for the others. */
const HIDDEN = -1e8

function deviation(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [largest, scale] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(got[i] - expected[i])
    if (expected[i] < HIDDEN) {
      if (!(difference <= 1e-6 * Math.abs(expected[i]))) return Number.POSITIVE_INFINITY
      continue
    }
    if (!(difference <= largest)) largest = difference
    scale = Math.max(scale, Math.abs(expected[i]))
  }
  return largest === 0 ? 0 : largest / scale
}
