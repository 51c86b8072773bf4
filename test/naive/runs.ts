import {
  decodeCheckpoint,
  type EvaluationRecord,
  encodeCheckpoint,
  type Intervention,
  OpsinError,
  type Parameters,
  type Probe,
  type Receipt,
  sgd,
  type Task,
  type Tensor,
  type TrainingRun,
  tensor,
  train,
} from 'opsin'
import type { Draw } from '../../src/ops/define.ts'
import { drawFrom } from '../../src/testing/index.ts'
import { drawBatch } from './batches.ts'
import { type Case, caseOf, throughJson } from './cases.ts'
import { MAY_RUN, type Verdict } from './compare.ts'
import { faultsOf, interpret, type Outcome, type Placed, settingOf, shapesOf, sourcePasses } from './interpret.ts'
import { DoesNotFit, forward } from './interventions.ts'
import { Circular, CircularGradient } from './tape.ts'

const STEPS = 4
const RATE = 0.05

/** A run of a few steps: interventions with windows and phases, evaluation sets with and without their own. */
export interface RunCase extends Case {
  readonly seed: number
  readonly batches: readonly Record<string, Tensor>[]
  readonly evaluation: Record<string, Tensor>
  /** Of the second evaluation set. */
  readonly own: readonly Intervention[]
}

export function runCaseOf(seed: number): RunCase {
  const one = caseOf(seed)
  const draw = drawFrom(0x40000000 + seed)
  const { features, ...first } = one.inputs
  const batchAt = (step: number) => {
    const { features: _, ...batch } = drawBatch(one, (seed + 1 + step) % 1000, one.size)
    return batch
  }
  const timed = (intervention: Intervention): Intervention => {
    const from = draw.int(0, STEPS - 1)
    const to = draw.int(from + 1, STEPS + 1)
    const inSequences = { unit: 'sequences', from: from * one.size.batch, to: to * one.size.batch } as const
    const when = draw.pick([undefined, { unit: 'steps', from, to }, { unit: 'steps', from }, inSequences] as const)
    const phase = draw.pick([undefined, undefined, ['train'], ['eval'], ['train', 'eval']] as const)
    return { ...intervention, ...(when && { when }), ...(phase && { phase }), optional: true }
  }
  return {
    ...one,
    engine: 'reference',
    seed,
    inputs: features === undefined ? {} : { features },
    list: mostlyRead(one.list.map(timed), draw),
    own: draw.pick([[], mostlyRead(one.list.slice(0, 1).map(timed), draw)]),
    batches: [first, ...Array.from({ length: STEPS }, (_, step) => batchAt(step))],
    evaluation: batchAt(STEPS + 1),
  }
}

/** Passes that nobody reads are an error, worth a look now and then: mostly what acts there acts in the main one. */
function mostlyRead(list: Intervention[], draw: Draw): Intervention[] {
  if (!hasUnreadPass(list) || draw.int(0, 7) === 0) return list
  return list.map(({ at: { replica: _, ...at }, ...rest }) => ({ ...rest, at }) as Intervention)
}

function taskOf({ objective, inputs, batches, evaluation }: RunCase): Task {
  return {
    name: 'naive',
    objective,
    config: {},
    sizes: {},
    tables: inputs,
    batch: (step) => batches[step],
    evaluators: ['fixed'],
    evaluator: () => evaluation,
  }
}

/** A run by opsin and by the interpreter: losses, evaluations, weights, receipts; and once more, resumed. */
export async function compareRun(one: RunCase): Promise<Verdict> {
  const expected = expectedRun(one)
  const draw = drawFrom(0x50000000 + one.seed)
  try {
    const { run, losses, checkpoints } = await runOf(one, {})
    if (expected instanceof Set && expected.has(MAY_RUN)) return { agrees: true, how: 'beyond the interpreter' }
    if (expected instanceof Set) return { agrees: false, what: `ran, expected ${[...expected].join(' or ')}` }
    let off = differences(expected, expected, run, losses)
    if (off.length > 0) {
      // Training may blow roundings up: what the interpreter itself makes of other roundings is not held against opsin.
      const moved = expectedRun(jittered(one))
      if (!(moved instanceof Set)) off = differences(expected, moved, run, losses)
    }
    const again = await runOf(one, { resume: decodeCheckpoint(draw.pick(checkpoints)) })
    if (!same(again.run, run)) off.push('resumed, it ends otherwise')
    return off.length === 0 ? { agrees: true, how: 'ran' } : { agrees: false, what: off.join(', ') }
  } catch (error) {
    if (!(error instanceof OpsinError)) throw error
    if (error.code === 'NOT_FINITE') return { agrees: true, how: 'not finite' }
    if (expected instanceof Set && expected.has(error.code)) return { agrees: true, how: error.code }
    return {
      agrees: false,
      what: `threw ${error.message}, expected ${expected instanceof Set ? [...expected] : 'it to run'}`,
    }
  }
}

async function runOf(one: RunCase, more: object) {
  const losses: number[] = []
  const checkpoints: Uint8Array[] = []
  const size = one.size.batch
  const run = await train(one.model, taskOf(one), {
    sequences: STEPS * size,
    batch: size,
    parameters: one.weights,
    optimizer: sgd({ lr: RATE }),
    engine: 'reference',
    interventions: throughJson(one.list),
    probes: [loss],
    evaluations: [{ evaluator: 'fixed' }, { name: 'own', evaluator: 'fixed', interventions: throughJson(one.own) }],
    evaluateAt: size,
    checkpointEvery: size,
    onStep: ({ loss }) => losses.push(loss),
    onEvent: (event) => {
      if (event.type === 'checkpoint') checkpoints.push(encodeCheckpoint(event.checkpoint))
    },
    ...more,
  })
  return { run, losses, checkpoints }
}

/** The loss whatever the objective is, as the model has it. */
const loss: Probe = { name: 'loss', points: ['loss'], read: ({ points }) => points.loss.data[0] }

function same(a: TrainingRun, b: TrainingRun): boolean {
  return Buffer.from(encodeCheckpoint(a.checkpoint)).equals(Buffer.from(encodeCheckpoint(b.checkpoint)))
}

interface ExpectedRun {
  readonly losses: readonly number[]
  readonly records: readonly Pick<EvaluationRecord, 'step' | 'set' | 'values'>[]
  readonly parameters: Parameters
  readonly receipts: ReadonlyMap<number, Pick<Receipt, 'fired' | 'elements' | 'largestChange'>>
}

/** Steps of plain gradient descent, each under what is open then; or the codes of errors that may come. */
function expectedRun(one: RunCase): ExpectedRun | Set<string> {
  const { model, objective, batches, evaluation, inputs, list, own } = one
  const faults = new Set<string>()
  const losses: number[] = []
  const records: ExpectedRun['records'][number][] = []
  const receipts = new Map(list.map((_, index) => [index, { fired: 0, elements: 0, largestChange: 0 }]))
  let parameters: Parameters = one.weights
  const run = (batch: Record<string, Tensor>, active: readonly Placed[]): Outcome | undefined => {
    const given = { ...inputs, ...batch }
    const shapes = shapesOf(model, given)
    for (const code of faultsOf(settingOf(model, given, active), (point) => shapes[forward(point)], active))
      faults.add(code)
    // Something else may be wrong already; that a source does not fit may then be said first.
    const sound = faults.size === 0
    try {
      const outcome = interpret({ model, objective }, given, parameters, active)
      return sound ? outcome : undefined
    } catch (error) {
      if (!(error instanceof Circular || error instanceof DoesNotFit)) throw error
      if (sound || error instanceof DoesNotFit) for (const code of ['VALUE', 'SHAPE', 'CONFLICT']) faults.add(code)
      if (sound && error instanceof CircularGradient) faults.add(MAY_RUN)
      return undefined
    }
  }
  const size = one.size.batch
  const active = (of: readonly Intervention[], phase: 'train' | 'eval', step: number) =>
    of.flatMap((intervention, index) => (isOpen(intervention, phase, step, size) ? [{ index, intervention }] : []))
  const measure = (step: number) => {
    for (const phase of ['train', 'eval'] as const) {
      for (const [index, { elements, largestChange }] of run(batches[step], active(list, phase, step))?.receipts ??
        []) {
        const receipt = receipts.get(index)
        if (receipt === undefined) continue
        receipt.elements = elements
        receipt.largestChange = Math.max(receipt.largestChange, largestChange)
      }
    }
  }
  for (let step = 0; step <= STEPS; step++) {
    for (const [set, some] of [
      ['fixed', list],
      ['own', own],
    ] as const) {
      const outcome = run(evaluation, active(some, 'eval', step))
      if (outcome) records.push({ step, set, values: { loss: outcome.read('loss')[0] } })
    }
    measure(step)
    for (const { index, intervention } of active(list, 'eval', step)) {
      const receipt = receipts.get(index)
      if (receipt && intervention.phase?.includes('train') === false) receipt.fired++
    }
    if (step === STEPS) break
    const now = active(list, 'train', step)
    for (const { index } of now) {
      const receipt = receipts.get(index)
      if (receipt) receipt.fired++
    }
    const outcome = run(batches[step], now)
    if (outcome === undefined) continue
    losses.push(outcome.read('loss')[0])
    parameters = descended(parameters, outcome)
  }
  if ([list, own].some(hasUnreadPass)) faults.add('NO_EFFECT')
  return faults.size > 0 ? faults : { losses, records, parameters, receipts }
}

/** Whether some intervention acts in a pass that no source reads on its way to the main one. */
function hasUnreadPass(list: readonly Intervention[]): boolean {
  const isRead = (replica: string, seen: readonly string[] = []): boolean =>
    replica === 'main' ||
    list.some((one) => {
      const own = one.at.replica ?? 'main'
      return (
        sourcePasses(one).includes(replica) && own !== replica && !seen.includes(own) && isRead(own, [...seen, replica])
      )
    })
  return list.some(({ at }) => !isRead(at.replica ?? 'main'))
}

function isOpen({ when, phase }: Intervention, now: 'train' | 'eval', step: number, size: number): boolean {
  const moment = when?.unit === 'sequences' ? step * size : step
  const open = when === undefined || (moment >= when.from && (when.to === undefined || moment < when.to))
  return open && (phase === undefined || phase.includes(now))
}

function descended(parameters: Parameters, outcome: Outcome): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => {
      const gradient = outcome.parameterGradient(name)
      return [
        name,
        tensor(
          shape,
          Float64Array.from(data, (x, i) => x - RATE * gradient[i]),
        ),
      ]
    }),
  )
}

/** The same case, its weights each up or down by a rounding of f64 or a few. */
function jittered(one: RunCase): RunCase {
  const draw = drawFrom(0x60000000 + one.seed)
  const weights = Object.entries(one.weights).map(([name, { shape, data }]) => {
    return [
      name,
      tensor(
        shape,
        Float64Array.from(data, (x) => x * (1 + draw.int(-4, 4) * Number.EPSILON)),
      ),
    ]
  })
  return { ...one, weights: Object.fromEntries(weights) }
}

/** How many times as far as the interpreter moves by another rounding of its start. */
const ROUNDINGS = 10

function differences(expected: ExpectedRun, moved: ExpectedRun, run: TrainingRun, losses: readonly number[]): string[] {
  const off: string[] = []
  const meet = (what: string, mine: number, otherwise: number, theirs: number | undefined, scale = Math.abs(mine)) => {
    const room = 1e-9 * Math.max(1, scale) + ROUNDINGS * Math.abs(mine - otherwise)
    if (!(Math.abs(mine - Number(theirs)) <= room)) off.push(`${what}: ${theirs}, not ${mine}`)
  }
  for (const [step, loss] of expected.losses.entries())
    meet(`loss of step ${step}`, loss, moved.losses[step], losses[step])
  if (run.records.length !== expected.records.length) off.push(`${run.records.length} records`)
  expected.records.forEach(({ step, set, values }, i) => {
    const record = run.records[i]
    if (record?.step !== step || record.set !== set) off.push(`record ${i} is of ${record?.set} at ${record?.step}`)
    meet(`${set} at ${step}`, Number(values.loss), Number(moved.records[i].values.loss), Number(record?.values.loss))
  })
  // What is small where others are huge, in a run that diverges, is the difference of large numbers.
  const scale = largestOf(expected.parameters)
  for (const [name, { data }] of Object.entries(expected.parameters)) {
    const [other, theirs] = [moved, run].map(({ parameters }) => parameters[name].data)
    for (const [i, value] of data.entries()) meet(`${name}[${i}]`, value, other[i], theirs[i], scale)
  }
  for (const [index, { fired, elements, largestChange }] of expected.receipts) {
    const receipt = run.receipts[index]
    if (receipt.fired !== fired || receipt.elements !== elements)
      off.push(`receipt ${index}: ${JSON.stringify(receipt)}`)
    const other = moved.receipts.get(index)?.largestChange ?? largestChange
    meet(`largest change of ${index}`, largestChange, other, receipt.largestChange)
  }
  return off.slice(0, 5)
}

function largestOf(parameters: Parameters): number {
  return Math.max(...Object.values(parameters).map(({ data }) => Math.max(...Array.from(data, Math.abs))))
}
