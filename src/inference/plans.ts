import type { Model } from '../architectures/define.ts'
import type { Backend, Program } from '../backends/backend.ts'
import { feedersOf, inputViews, readPoint, type State, writeInputs, writeState } from '../backends/program-io.ts'
import { Bases, complete, type Numbered, numbered, type Spliced, splice } from '../compile/intervene.ts'
import type { Tensor } from '../core/tensor.ts'
import { isGradient, splitReplica } from '../graph/address.ts'
import { pointOf } from '../graph/build.ts'
import { prune } from '../graph/passes/prune.ts'
import { type Splice, splicePoint } from '../interventions/apply.ts'
import { showSite } from '../interventions/at.ts'
import { checkInterventions, requireReadReplicas } from '../interventions/check.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { allFinite, type InputArrays, type InputNodes, inputsOf, requireFiniteInputs, requireInputs } from './inputs.ts'
import type { Learner } from './learner.ts'
import { notFinite } from './not-finite.ts'
import { pointAxes } from './reader.ts'
import { largestDifference, type Receipt } from './receipts.ts'

/** The most plans that are kept at once: those that were used last. */
const KEPT = 32

export interface PlansOptions {
  readonly model: Model
  readonly backend: Backend
  /** The points that every run reads. */
  readonly read: readonly string[]
  /** Whose gradients they are; default `loss`. */
  readonly gradientOf?: string | Site | undefined
  /** Whether the numbers of interventions are inputs of plans, so that other numbers do not take another plan. */
  readonly lift: boolean
}

interface Plan {
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  readonly feed: ReturnType<typeof feedersOf>
  readonly splices: readonly Splice[]
  /** Whose values are in it. */
  state?: State
}

/** A model's forward graphs at one size, and what inputs they take. */
interface Sized {
  readonly bases: Bases
  readonly known: InputNodes
}

/** Runs a model with what was compiled for it, and compiles what is new. */
export class Plans {
  readonly #options: PlansOptions
  readonly #sized = new Map<string, Sized>()
  readonly #plans = new Map<string, Plan>()
  /** Inputs that are known to be finite. */
  readonly #finite = new WeakSet<Tensor>()

  constructor(options: PlansOptions) {
    this.#options = options
    for (const name of options.read) pointAxes(options.model, name)
  }

  /**
   * Copies of the points' values, and what each intervention did.
   *
   * @throws OpsinError for inputs and interventions that do not fit; `NOT_FINITE` where a value is, naming the point that went
   * bad first.
   */
  run(state: State, inputs: InputArrays, list: readonly Numbered[]) {
    const { model, backend, read } = this.#options
    const { plan, spliced } = this.#planFor(inputs, list)
    const { given } = spliced
    const { program } = plan
    if (plan.state !== state) writeState(program, state)
    plan.state = state
    writeInputs(plan.inputs, inputs)
    plan.feed(0, given)
    program.compute()
    const points = Object.fromEntries(read.map((name) => [name, readPoint(program, name, pointAxes(model, name))]))
    const splices = [...spliced.splices, ...plan.splices.slice(spliced.splices.length)]
    const receipts = list.map((one) => receiptOf(program, one, splices))
    const numbers = [...Object.values(points).map(({ data }) => data), receipts.map((one) => one.largestChange)]
    if (numbers.every(allFinite)) return { points, receipts }
    throw notFinite({ backend, graph: program.graph, state, inputs, given })
  }

  /** The plan for inputs of these sizes under interventions of this form. */
  #planFor(inputs: InputArrays, list: readonly Numbered[]): { plan: Plan; spliced: Spliced } {
    const { model, lift } = this.#options
    const sizes = model.sizes(inputs)
    const size = JSON.stringify(sizes)
    const sized = this.#sized.get(size) ?? { bases: new Bases(model, sizes), known: inputsOf(model, sizes) }
    this.#sized.set(size, sized)
    requireInputs(sized.known, inputs)
    this.#requireFinite(inputs)
    const spliced = splice(sized.bases, list, [], { lift })
    const key = `${size} ${spliced.form()}`
    const plan = this.#plans.get(key) ?? this.#compile(sized, spliced, list)
    this.#keep(key, plan)
    return { plan, spliced }
  }

  #compile({ bases }: Sized, spliced: Spliced, list: readonly Numbered[]): Plan {
    const { backend, read, gradientOf } = this.#options
    const around = list.flatMap(({ index }) => [splicePoint(index, 'before'), splicePoint(index, 'after')])
    const observed = [...new Set([...read, ...around])]
    const gradients = [...read, ...list.map(({ intervention }) => intervention.at.point)].some(isGradient)
    const { graph, splices } = complete(bases, spliced, { observed, gradients, gradientOf })
    const program = backend.load(prune(graph, observed), { keep: observed })
    return { program, inputs: inputViews(program), feed: feedersOf(program), splices }
  }

  /** Each array is looked through once. */
  #requireFinite(inputs: InputArrays): void {
    const fresh = Object.entries(inputs).filter(([, tensor]) => !this.#finite.has(tensor))
    requireFiniteInputs(Object.fromEntries(fresh))
    for (const [, tensor] of fresh) this.#finite.add(tensor)
  }

  /** The one used last comes last, and the first goes when there are too many. */
  #keep(key: string, plan: Plan): void {
    this.#plans.delete(key)
    this.#plans.set(key, plan)
    if (this.#plans.size <= KEPT) return
    const [oldest] = this.#plans.keys()
    this.#plans.delete(oldest)
  }
}

function receiptOf(
  program: Program,
  { index, intervention: { kind, at } }: Numbered,
  splices: readonly Splice[],
): Receipt {
  const [before, after] = (['before', 'after'] as const).map((when) =>
    program.view(pointOf(program.graph, splicePoint(index, when))),
  )
  const elements = splices.find((splice) => splice.index === index)?.elements ?? 0
  return { index, kind, at: showSite(at), fired: 1, elements, largestChange: largestDifference(before, after) }
}

/** {@link Plans} of a model with and without its objective, made when first needed. */
export class PlansByModel {
  readonly #options: Omit<PlansOptions, 'model'>
  readonly #plans = new Map<Model, Plans>()

  constructor(options: Omit<PlansOptions, 'model'>) {
    this.#options = options
  }

  /** One run: copies of what is read, and receipts. @throws OpsinError as {@link Plans.run}. */
  run(learner: Learner, state: State, inputs: InputArrays, interventions: readonly Intervention[]) {
    const { backend, read } = this.#options
    checkInterventions(learner.bare, interventions)
    requireReadReplicas(
      interventions,
      read.map((name) => splitReplica(name).replica),
    )
    const model = learner.for(inputs, read, interventions)
    const plans = this.#plans.get(model) ?? new Plans({ ...this.#options, model })
    this.#plans.set(model, plans)
    const { points, receipts } = plans.run(state, inputs, numbered(interventions))
    return { cache: points, receipts, engine: backend.name }
  }
}
