import type { Model, Sizes } from '../architectures/define.ts'
import type { State } from '../backends/program-io.ts'
import type { Numbered } from '../compile/intervene.ts'
import type { Breath } from '../core/breath.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { show } from '../core/show.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { isGradient } from '../graph/address.ts'
import { batchCheck } from '../inference/inputs.ts'
import type { Runner, Wanted } from '../inference/runner.ts'
import { axesOfName } from '../interventions/at.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Probe, Reading } from '../probes/define.ts'
import { type Batch, sliceBatch, type Task } from '../tasks/define.ts'

/** A fixed set of sequences on which a run is measured. */
export interface EvaluationSet {
  /** Its name in records; default the evaluator's name. */
  readonly name?: string
  /** One of the task's evaluators. */
  readonly evaluator: string
  /** How many of its sequences; default all. */
  readonly count?: number
  /** Interventions while measuring; default those that training has at that moment (of phase `eval`). */
  readonly interventions?: readonly Intervention[]
}

/** The measurements on one set at one moment. */
export interface EvaluationRecord {
  readonly step: number
  readonly sequences: number
  readonly set: string
  /** By probe; a list where the probe gives one number a head. */
  readonly values: Readonly<Record<string, number | readonly number[]>>
}

/** The most sequences computed at once: enough to fill the kernels, few enough to stay in the cache. */
const CHUNK = 128

/** A set's name in records. */
export function nameOfSet({ name, evaluator }: EvaluationSet): string {
  return name ?? evaluator
}

/** The sequences of a set, and how many there are. */
interface Sequences {
  readonly batch: Batch
  readonly count: number
}

/** Measures probes on a whole set, a chunk at a time. */
export class Evaluator {
  readonly #sequences = new Map<string, Sequences>()

  constructor(
    readonly options: {
      readonly model: Model
      readonly runner: Runner
      readonly task: Task
      readonly breath: Breath
    },
  ) {}

  /**
   * The values of the probes on a set under interventions.
   *
   * @throws OpsinError `NOT_FINITE` naming the first hook point that is not finite, or a probe that makes no number of them.
   */
  async measure(
    set: EvaluationSet,
    probes: readonly Probe[],
    interventions: readonly Numbered[],
    state: State,
    step: number,
  ): Promise<EvaluationRecord['values']> {
    const { batch, count } = this.#sequencesOf(set)
    const chunk = this.#chunk(count, probes)
    const inputs = (start: number) => this.#inputs(sliceBatch(batch, start, start + chunk))
    const run = await this.options.runner.prepare(inputs(0), wantedBy(probes, interventions))
    const parts: Readonly<Record<string, Tensor>>[] = []
    for (let start = 0; start < count; start += chunk) {
      await this.options.breath.check()
      parts.push((await run(state, inputs(start), step)).points)
    }
    const names = Object.keys(parts[0])
    const points = Object.fromEntries(names.map((name) => [name, join(parts.map((part) => part[name]))]))
    return Object.fromEntries(probes.map((probe) => [probe.name, answerOf(probe, { points, batch })]))
  }

  /** Throws OpsinError for a set, its interventions or points of probes that do not fit. */
  check(set: EvaluationSet, probes: readonly Probe[], interventions: readonly Numbered[]): void {
    const { batch, count } = this.#sequencesOf(set)
    const { model, runner } = this.options
    const inputs = this.#inputs(sliceBatch(batch, 0, this.#chunk(count, probes)))
    runner.check(model.sizes(inputs), wantedBy(probes, interventions))
  }

  /** The loss and its gradients are means over the whole set: they are not those of its parts, one after the other. */
  #chunk(count: number, probes: readonly Probe[]): number {
    const { model } = this.options
    const inParts = (name: string) => !isGradient(name) && axesOfName(model, name).includes('batch')
    return probes.every(({ points }) => points.every(inParts)) ? chunkSize(count) : count
  }

  #inputs(batch: Batch): Batch {
    return { ...this.options.task.tables, ...batch }
  }

  #sequencesOf({ evaluator, count: wanted }: EvaluationSet): Sequences {
    const key = `${evaluator} ${wanted}`
    const known = this.#sequences.get(key)
    if (known !== undefined) return known
    const { model, task } = this.options
    const { evaluators } = task
    if (!evaluators.includes(evaluator)) throw unknownName('evaluation', 'an evaluator', evaluator, evaluators)
    const batch = task.evaluator(evaluator, wanted)
    const sizes = model.sizes(this.#inputs(batch))
    batchCheck(model, sizes, task.tables)(batch)
    requireSequences(`evaluator "${evaluator}"`, sizes, wanted)
    const sequences = { batch, count: sizes.batch }
    this.#sequences.set(key, sequences)
    return sequences
  }
}

/** All points that probes read. */
function wantedBy(probes: readonly Probe[], interventions: readonly Numbered[]): Wanted {
  return { read: [...new Set(probes.flatMap(({ points }) => points))], interventions, changes: false }
}

/** Throws OpsinError `SHAPE` unless a batch has as many sequences as were asked for. */
export function requireSequences(where: string, { batch }: Sizes, wanted = batch): void {
  if (batch === wanted) return
  throw new OpsinError('SHAPE', {
    where,
    expected: `${wanted} sequences, as asked for`,
    got: String(batch),
    hint: 'A task has to give batches of any size.',
  })
}

/** A probe's value of its points. */
function answerOf(probe: Probe, reading: Reading): number | readonly number[] {
  const value = probe.read(reading)
  if ([value].flat().every(Number.isFinite)) return value
  throw new OpsinError('NOT_FINITE', {
    where: `probe "${probe.name}"`,
    expected: 'a finite number, or several',
    got: show(value),
    hint: 'The hook points it read are finite: look at its own arithmetic.',
  })
}

/** The largest divisor of the set's size that is no larger than {@link CHUNK}, so that one compiled program suffices. */
function chunkSize(sequences: number): number {
  for (let size = Math.min(CHUNK, sequences); size > 1; size--) if (sequences % size === 0) return size
  return 1
}

/** Values of chunks, one after the other along the batch. */
function join(parts: readonly Tensor[]): Tensor {
  const [first] = parts
  if (parts.length === 1) return first
  const data = new (first.data.constructor as new (length: number) => NumberArray)(first.data.length * parts.length)
  parts.forEach((part, i) => {
    data.set(part.data, i * first.data.length)
  })
  return tensor([first.shape[0] * parts.length, ...first.shape.slice(1)], data, first.axes)
}
