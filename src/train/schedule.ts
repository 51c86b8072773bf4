import type { Intervention } from '../interventions/kinds/index.ts'
import { isOpen, stepAt, type Window } from '../interventions/schedule.ts'
import type { Probe } from '../probes/define.ts'
import type { TrainOptions } from './options.ts'

/** The steps of moments: a moment in sequences falls on the first step that has seen that many. */
export class Schedule {
  readonly steps: number
  readonly #options: TrainOptions
  readonly #probes: readonly Probe[]

  constructor(
    options: TrainOptions,
    probes: readonly Probe[],
    readonly batch: number,
  ) {
    this.#probes = probes
    this.#options = options
    this.steps = Math.ceil(options.sequences / batch)
  }

  #due({ every }: Probe, step: number): boolean {
    const evaluateAt = every ?? this.#options.evaluateAt ?? 5000
    if (step === 0) return true
    return typeof evaluateAt === 'number'
      ? this.#every(step, evaluateAt)
      : evaluateAt.some((at) => Math.ceil(at / this.batch) === step)
  }

  /** The probes to read at this step: at the end all of them. */
  probesDue(step: number): readonly Probe[] {
    if (step >= this.steps) return this.#probes
    return this.scheduledProbes(step)
  }

  /** The probes that would be read at this step in a longer run too. */
  scheduledProbes(step: number): readonly Probe[] {
    return this.#probes.filter((probe) => this.#due(probe, step))
  }

  /** Whether probes are read at this step that are on no schedule, since it is the end. */
  isMoreDue(step: number): boolean {
    return this.probesDue(step).length > this.scheduledProbes(step).length
  }

  /** The first step of each set of interventions that are active together, up to the end. */
  stretches(list: readonly Intervention[]): readonly number[] {
    const edges = list.flatMap(({ when }) =>
      when === undefined ? [] : [when.from, when.to ?? when.from].map((edge) => stepAt(when.unit, edge, this.batch)),
    )
    return [...new Set([0, ...edges.filter((step) => step <= this.steps)])].sort((a, b) => a - b)
  }

  /** Whether a step from the first to the end, at which the run is still measured, is in the window and fits. */
  someStep(when: Window | undefined, fits: (step: number) => boolean): boolean {
    const from = when === undefined ? 0 : stepAt(when.unit, when.from, this.batch)
    const to = when?.to === undefined ? Number.POSITIVE_INFINITY : stepAt(when.unit, when.to, this.batch)
    for (let step = from; step < to && step <= this.steps; step++) if (fits(step)) return true
    return false
  }

  checkpointDue(step: number): boolean {
    const { checkpointEvery } = this.#options
    return checkpointEvery !== undefined && step > 0 && this.#every(step, checkpointEvery)
  }

  /** Whether an event is due before this step. */
  somethingDue(step: number): boolean {
    return (
      step >= this.steps || this.checkpointDue(step) || this.probesDue(step).length > 0 || this.#windowsChange(step)
    )
  }

  #windowsChange(step: number): boolean {
    const before = { step: step - 1, batch: this.batch }
    const now = { step, batch: this.batch }
    return (this.#options.interventions ?? []).some(({ when }) => isOpen(when, before) !== isOpen(when, now))
  }

  #every(step: number, sequences: number): boolean {
    return Math.floor((step * this.batch) / sequences) > Math.floor(((step - 1) * this.batch) / sequences)
  }
}
