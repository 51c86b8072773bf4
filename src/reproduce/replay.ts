import type { Model } from '../architectures/define.ts'
import { preNorm } from '../architectures/presets/pre-norm.ts'
import { defaultEngine, type EngineRequest, engine } from '../backends/index.ts'
import { numbered } from '../compile/intervene.ts'
import { Programs } from '../compile/programs.ts'
import { Breath } from '../core/breath.ts'
import type { FloatArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { gradientName } from '../graph/address.ts'
import type { InputArrays } from '../inference/inputs.ts'
import { Receipts } from '../inference/receipts.ts'
import { checkParameters } from '../inference/state.ts'
import { fromIclDynamics } from '../interventions/from-icl-dynamics.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { optimizerFrom } from '../optimizers/index.ts'
import { Trainer } from '../train/trainer.ts'
import { parametersFrom, type Recording, requireTensor, withPrefix } from './recording.ts'

export interface ReplayOptions {
  /** Default `wasm`. `reference` is compared with the f64 twin, every other engine with the f32 one. */
  readonly engine?: EngineRequest
  /** Default: all that the twin has, for f32 at most 2000. */
  readonly steps?: number
  readonly signal?: AbortSignal
  readonly onStep?: (step: number, steps: number) => void
}

/** How far a replay is from its recording, and how far it may be. */
export interface ReplayReport {
  readonly name: string
  readonly engine: string
  readonly twin: 'f32' | 'f64'
  readonly steps: number
  readonly deviations: readonly Deviation[]
  /** Every deviation is within its tolerance. */
  readonly holds: boolean
}

export interface Deviation {
  /** `losses`, `logits`, `gradients` or `weights`. */
  readonly of: 'losses' | 'logits' | 'gradients' | 'weights'
  /** The largest deviation; losses: relative, the others: max-abs over max-abs of the recorded tensor. */
  readonly largest: number
  /** Where it is: a step or a parameter. */
  readonly where: string
  readonly tolerance: number
}

/** Rounding is all that may differ: two f64 engines, or f32 engines whose own noise is 1.6e-5 in 2,000 losses. */
const tolerances = {
  f64: { losses: 1e-8, logits: 1e-9, gradients: 1e-9, weights: 1e-8 },
  f32: { losses: 1e-4, logits: 1e-5, gradients: 1e-5, weights: 1e-3 },
} as const

/** A clamped-away logit (−1e9) must be met, but is no measure for the others. */
const ABSENT = 1e8

/** Losses of f32 runs drift apart for ever; how long they are compared. */
const F32_STEPS = 2000

/**
 * Replays a recorded run of the authors' code from its initial weights, over its batches, under its clamps, and tells
 * how far losses, the first batch's logits, the first gradients and the final weights are from the recorded ones. Final
 * weights are compared where all recorded steps are replayed.
 *
 * @throws OpsinError `FORMAT` for a recording with parts missing, `VALUE` for more steps than it has.
 * @example
 * import { replay } from 'opsin/reproduce'
 * const report = async (recording: Parameters<typeof replay>[0]) => (await replay(recording, { steps: 10 })).holds
 */
export async function replay(recording: Recording, options: ReplayOptions = {}): Promise<ReplayReport> {
  const { header } = recording
  const backend = await engine(options.engine ?? defaultEngine)
  const twin = backend.precision
  const file = `${header.name}/${twin}.safetensors`
  const recorded = recording[twin]
  const steps = stepsToReplay(header.steps[twin], twin, options.steps)
  const model = modelOf(recording)
  const trainer = trainerOf(recording, model, backend)

  const breath = new Breath(options.signal)
  await breath.take()
  const losses = new Float64Array(steps)
  let first: Record<'logits' | 'gradients', Record<string, Tensor>> | undefined
  for (let step = 0; step < steps; step++) {
    losses[step] = await trainer.train(batchOf(recording, step))
    first ??= firstStep(trainer, model)
    await options.onStep?.(step + 1, steps)
    await breath.check()
  }

  const allowed = tolerances[twin]
  const deviations: Deviation[] = [
    { of: 'losses', ...lossDeviation(losses, requireTensor(recorded, 'losses', file)), tolerance: allowed.losses },
    {
      of: 'logits',
      ...tensorDeviation(first?.logits ?? {}, { logits: requireTensor(recorded, 'logits0', file) }),
      tolerance: allowed.logits,
    },
    {
      of: 'gradients',
      ...tensorDeviation(first?.gradients ?? {}, parametersFrom(withPrefix(recorded, 'grad0/'))),
      tolerance: allowed.gradients,
    },
  ]
  if (steps === header.steps[twin]) {
    const final = Object.fromEntries(Object.entries(trainer.state()).map(([name, data]) => [name, flat(data)]))
    const expected = parametersFrom(withPrefix(recorded, 'final/'))
    deviations.push({ of: 'weights', ...tensorDeviation(final, expected), tolerance: allowed.weights })
  }
  const holds = deviations.every(({ largest, tolerance }) => largest <= tolerance)
  return { name: header.name, engine: backend.name, twin, steps, deviations, holds }
}

function stepsToReplay(recorded: number, twin: 'f32' | 'f64', wanted: number | undefined): number {
  const steps = wanted ?? (twin === 'f32' ? Math.min(recorded, F32_STEPS) : recorded)
  if (Number.isInteger(steps) && steps > 0 && steps <= recorded) return steps
  throw new OpsinError('VALUE', {
    where: 'replay: steps',
    expected: `1 to ${recorded}, as recorded`,
    got: String(steps),
  })
}

function modelOf({ header: { model } }: Recording): Model {
  const { features, labels, norm, ...rest } = model
  const own = preNorm({
    ...rest,
    norm: norm ?? 'none',
    inputs: { kind: 'exemplars', features, labels },
    readout: 'last',
  })
  return withObjective(own)
}

function trainerOf(recording: Recording, model: Model, backend: Awaited<ReturnType<typeof engine>>): Trainer {
  const { header } = recording
  const interventions = numbered(fromIclDynamics(model, header.opto))
  const tables = { features: exemplarTable(recording) }
  return new Trainer({
    programs: new Programs(backend, model),
    optimizer: optimizerFrom(header.optimizer),
    interventions,
    receipts: new Receipts(interventions),
    tables,
    sizes: model.sizes({ ...tables, ...batchOf(recording, 0) }),
    state: checkParameters(model, parametersFrom(recording.init)),
    observed: [{ point: 'logits' }],
  })
}

/** The one exemplar that the run uses of each class it uses, [classes, features]. */
function exemplarTable({ features: { shape, data }, header, batches }: Recording): Tensor {
  const [, exemplars, width] = shape
  const used = requireTensor(batches, 'classes', header.batches).data
  const classes = Math.max(...new Set<number>(used)) + 1
  const table = new Float32Array(classes * width)
  for (let c = 0; c < classes; c++) {
    const start = (c * exemplars + header.exemplar) * width
    table.set(data.subarray(start, start + width), c * width)
  }
  return tensor([classes, width], table)
}

/** Batch number `step`; columns are the context, then the query. */
function batchOf({ header: { batch, pairs, batches: file }, batches }: Recording, step: number): InputArrays {
  const columns = pairs + 1
  const rows = (name: string) =>
    requireTensor(batches, name, file).data.subarray(step * batch * columns, (step + 1) * batch * columns)
  const labels = rows('labels')
  const context = new Int32Array(batch * pairs)
  const targets = new Int32Array(batch)
  for (let s = 0; s < batch; s++) {
    for (let pair = 0; pair < pairs; pair++) context[s * pairs + pair] = labels[s * columns + pair]
    targets[s] = labels[s * columns + pairs]
  }
  return {
    exemplars: tensor([batch, columns], Int32Array.from(rows('classes'))),
    labels: tensor([batch, pairs], context),
    targets: tensor([batch], targets),
  }
}

function firstStep(trainer: Trainer, model: Model) {
  const gradients = model.parameters.map(({ name }) => [name, trainer.read(gradientName(name))])
  return { logits: { logits: trainer.read('logits') }, gradients: Object.fromEntries(gradients) }
}

function lossDeviation(losses: Float64Array, recorded: Tensor): Pick<Deviation, 'largest' | 'where'> {
  let [largest, where] = [0, 'step 0']
  losses.forEach((loss, step) => {
    const deviation = Math.abs(loss - recorded.data[step]) / Math.abs(recorded.data[step])
    if (!(deviation <= largest)) [largest, where] = [deviation, `step ${step}`]
  })
  return { largest, where }
}

function tensorDeviation(
  mine: Readonly<Record<string, Tensor>>,
  recorded: Readonly<Record<string, Tensor>>,
): Pick<Deviation, 'largest' | 'where'> {
  let [largest, where] = [0, Object.keys(recorded)[0] ?? 'nothing recorded']
  for (const [name, { data: expected }] of Object.entries(recorded)) {
    const got = requireTensor(mine, name, 'replay').data
    let [difference, scale] = [0, 0]
    for (let i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(got[i] - expected[i]))
      if (Math.abs(expected[i]) < ABSENT) scale = Math.max(scale, Math.abs(expected[i]))
    }
    // A gradient that is zero must be zero.
    const deviation = difference === 0 ? 0 : difference / scale
    if (!(deviation <= largest)) [largest, where] = [deviation, name]
  }
  return { largest, where }
}

function flat(data: FloatArray): Tensor {
  return tensor([data.length], data)
}
