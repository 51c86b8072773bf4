import type { Model } from '../architectures/define.ts'
import type { Backend } from '../backends/backend.ts'
import type { State } from '../backends/program-io.ts'
import type { Breath } from '../core/breath.ts'
import type { NumberArray } from '../core/dtype.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { Reader } from '../inference/reader.ts'
import type { Numbered } from '../interventions/intervene.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Probe } from '../probes/define.ts'
import { type Batch, sliceBatch, type Task } from '../tasks/define.ts'

/** A fixed set of sequences on which a run is measured. */
export interface EvaluationSet {
  /** What it is called in records; default the evaluator's name. */
  readonly name?: string
  /** One of the task's evaluators. */
  readonly evaluator: string
  /** How many of its sequences; default all. */
  readonly count?: number
  /** Interventions while measuring; default those that training has at that moment (of phase `eval`). */
  readonly interventions?: readonly Intervention[]
}

/** What was measured on one set at one moment. */
export interface EvaluationRecord {
  readonly step: number
  readonly sequences: number
  readonly set: string
  /** By probe; a list where the probe gives one number a head. */
  readonly values: Readonly<Record<string, number | readonly number[]>>
}

/** The most sequences computed at once: enough to fill the kernels, few enough to stay in the cache. */
const CHUNK = 128

/** Measures probes on a whole set, a chunk at a time. Compiled readers are kept. */
export class Evaluator {
  readonly #readers = new Map<string, Reader>()
  readonly #batches = new Map<string, Batch>()

  constructor(
    readonly options: {
      readonly backend: Backend
      readonly model: Model
      readonly task: Task
      readonly breath: Breath
    },
  ) {}

  /** The values of the probes on a set under interventions. */
  async measure(
    set: EvaluationSet,
    probes: readonly Probe[],
    interventions: readonly Numbered[],
    state: State,
  ): Promise<EvaluationRecord['values']> {
    const batch = this.batch(set)
    const points = [...new Set(probes.flatMap((probe) => probe.points))]
    const reader = this.#reader(points, interventions)
    const sequences = Object.values(batch)[0].shape[0]
    const parts: Record<string, Tensor>[] = []
    const chunk = chunkSize(sequences)
    for (let start = 0; start < sequences; start += chunk) {
      await this.options.breath.check()
      const inputs = { ...this.options.task.tables, ...sliceBatch(batch, start, start + chunk) }
      parts.push(reader.read(state, inputs).points)
    }
    const whole = Object.fromEntries(points.map((point) => [point, join(parts.map((part) => part[point]))]))
    return Object.fromEntries(probes.map((probe) => [probe.name, probe.read({ points: whole, batch })]))
  }

  /** The sequences of a set. */
  batch({ evaluator, count }: EvaluationSet): Batch {
    const key = `${evaluator} ${count}`
    const batch = this.#batches.get(key) ?? this.options.task.evaluator(evaluator, count)
    this.#batches.set(key, batch)
    return batch
  }

  #reader(points: readonly string[], interventions: readonly Numbered[]): Reader {
    const key = JSON.stringify([points, interventions])
    const { backend, model } = this.options
    const reader = this.#readers.get(key) ?? new Reader({ backend, model, interventions, points })
    this.#readers.set(key, reader)
    return reader
  }
}

/** The largest divisor of the set's size that is no larger than {@link CHUNK}, so that one compiled plan does. */
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
