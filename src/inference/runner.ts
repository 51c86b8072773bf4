import type { Sizes } from '../architectures/define.ts'
import type { Program } from '../backends/backend.ts'
import { readPoint, type State, writeInputs, writeState } from '../backends/program-io.ts'
import type { Loaded, Programs, Ready } from '../compile/programs.ts'
import type { Tensor } from '../core/tensor.ts'
import { pointOf } from '../graph/build.ts'
import { type Splice, splicePoint } from '../interventions/apply.ts'
import { axesOfName } from '../interventions/at.ts'
import type { Numbered } from '../interventions/check.ts'
import type { Site } from '../interventions/define.ts'
import { allFinite, type InputArrays, inputsIn, requireFiniteInputs, requireInputs } from './inputs.ts'
import { largestDifference } from './largest-difference.ts'
import { notFinite } from './not-finite.ts'

/** The wanted results of a run. */
export interface Wanted {
  readonly interventions: readonly Numbered[]
  /** Points to read. */
  readonly read: readonly string[]
  /** Whether to measure the change of each intervention. */
  readonly changes: boolean
  /** The number to differentiate; default `loss`. */
  readonly gradientOf?: string | Site | undefined
  /** Whether the numbers of interventions are inputs, so that other numbers need no other program. */
  readonly lift?: boolean
}

/** The effect of an intervention in a run. */
export interface Change {
  readonly index: number
  /** How many elements it wrote. */
  readonly elements: number
  /** The largest change of an element. */
  readonly largest: number
}

/** The results of a run. */
export interface Outcome {
  /** Copies of the points read. */
  readonly points: Readonly<Record<string, Tensor>>
  readonly changes: readonly Change[]
}

/**
 * A run that is compiled and loaded, and only lacks its numbers.
 *
 * @param inputs batch and tables together, of the sizes that were prepared.
 * @param step for values that are functions of the step, such as weights of losses.
 * @throws OpsinError for inputs that do not fit; `NOT_FINITE` where a value is, naming the first such point.
 */
export type PreparedRun = (state: State, inputs: InputArrays, step?: number) => Promise<Outcome>

/**
 * Runs a model under interventions without training it: a forward pass (and a backward one, where a point is a gradient)
 * that computes nothing else.
 */
export class Runner {
  /** The state whose values a program holds. */
  readonly #states = new WeakMap<Program, State>()
  /** Inputs that are known to be finite: each is checked once. */
  readonly #finite = new WeakSet<Tensor>()

  constructor(readonly programs: Programs) {}

  /** Throws OpsinError for points and interventions that do not fit. Computes nothing. */
  check(sizes: Sizes, wanted: Wanted): void {
    this.#compile(sizes, wanted)
  }

  /** @throws OpsinError as {@link check}, and for inputs that do not fit. */
  async prepare(inputs: InputArrays, wanted: Wanted): Promise<PreparedRun> {
    const sizes = this.programs.model.sizes(inputs)
    const known = inputsIn(this.programs.graph(sizes))
    requireInputs(known, inputs)
    this.#requireFinite(inputs)
    const ready = this.#compile(sizes, wanted)
    const loaded = await ready.load()
    return async (state, inputs, step = 0) => {
      requireInputs(known, inputs)
      return loaded.turns.run(() => this.#run(wanted, ready, loaded, state, inputs, step))
    }
  }

  #compile(sizes: Sizes, { interventions, read, changes, gradientOf, lift }: Wanted): Ready {
    for (const name of read) axesOfName(this.programs.model, name)
    const around = interventions.flatMap(({ index }) => [splicePoint(index, 'before'), splicePoint(index, 'after')])
    const points = [...new Set([...read, ...(changes ? around : [])])]
    return this.programs.compile(sizes, { interventions, read: points, gradientOf, lift })
  }

  async #run(
    { read, interventions, changes }: Wanted,
    { splices, given }: Ready,
    { program, ...loaded }: Loaded,
    state: State,
    inputs: InputArrays,
    step: number,
  ): Promise<Outcome> {
    const { backend, model } = this.programs
    if (this.#states.get(program) !== state) writeState(program, state)
    this.#states.set(program, state)
    writeInputs(loaded.inputs, inputs)
    loaded.feed(step, given)
    await program.compute()
    const points = Object.fromEntries(read.map((name) => [name, readPoint(program, name, axesOfName(model, name))]))
    const outcome = {
      points,
      changes: changes ? interventions.map(({ index }) => changeOf(program, index, splices)) : [],
    }
    if (holdsNumbers(outcome)) return outcome
    throw await notFinite({ backend, graph: program.graph, state, inputs, step, given })
  }

  #requireFinite(inputs: InputArrays): void {
    const fresh = Object.entries(inputs).filter(([, tensor]) => !this.#finite.has(tensor))
    requireFiniteInputs(Object.fromEntries(fresh))
    for (const [, tensor] of fresh) this.#finite.add(tensor)
  }
}

function changeOf(program: Program, index: number, splices: readonly Splice[]): Change {
  const [before, after] = (['before', 'after'] as const).map((when) =>
    program.view(pointOf(program.graph, splicePoint(index, when))),
  )
  const elements = splices.find((splice) => splice.index === index)?.elements ?? 0
  return { index, elements, largest: largestDifference(before, after) }
}

function holdsNumbers({ points, changes }: Outcome): boolean {
  return Object.values(points).every(({ data }) => allFinite(data)) && allFinite(changes.map(({ largest }) => largest))
}
