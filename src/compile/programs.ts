import type { Model, Sizes } from '../architectures/define.ts'
import type { Backend, ProfileListener, Program } from '../backends/backend.ts'
import { feedersOf, inputViews } from '../backends/program-io.ts'
import { identityOf } from '../core/identity.ts'
import { OneAtATime } from '../core/one-at-a-time.ts'
import { gradientName, isGradient } from '../graph/address.ts'
import type { Feed, Graph } from '../graph/node.ts'
import type { PassName } from '../graph/passes/index.ts'
import { prune } from '../graph/passes/prune.ts'
import { share } from '../graph/passes/share.ts'
import type { Splice } from '../interventions/apply.ts'
import type { Site } from '../interventions/define.ts'
import { type Observed, observedPoint } from '../interventions/observed.ts'
import { assign, trainedAt } from '../optimizers/assign.ts'
import type { Optimizer } from '../optimizers/define.ts'
import type { Groups } from '../optimizers/groups.ts'
import { Bases, complete, type Numbered, type Spliced, splice } from './intervene.ts'
import { optimize } from './optimize.ts'

/** The work of a program, besides its model and the sizes of its inputs. */
export interface Request {
  /** Interventions that act together. */
  readonly interventions: readonly Numbered[]
  /** Points to read after a run. */
  readonly read: readonly Observed[]
  /** The number to differentiate; default `loss`. */
  readonly gradientOf?: string | Site | undefined
  /** Whether the numbers of interventions are inputs, so that other numbers need no other program. */
  readonly lift?: boolean | undefined
  /** An optimiser's update at the end, of the groups whose turn it is at this step. */
  readonly update?: { readonly optimizer: Optimizer | Groups; readonly step: number } | undefined
  /** Passes to leave out. */
  readonly without?: readonly PassName[] | undefined
  readonly profile?: ProfileListener | undefined
}

/** A program with access to its memory. */
export interface Loaded {
  readonly program: Program
  readonly inputs: ReturnType<typeof inputViews>
  /** Writes the inputs that have a feed. */
  readonly feed: ReturnType<typeof feedersOf>
  /** Its memory holds one run at a time. */
  readonly turns: OneAtATime
}

/** The graph of a request, and its program, made when first needed. */
interface Compiled {
  readonly graph: Graph
  /** The points that are readable after a run. */
  readonly keep: readonly string[]
  readonly splices: readonly Splice[]
  loaded?: Promise<Loaded> | undefined
}

/** A compiled request. */
export interface Ready {
  /** The nodes of each intervention. */
  readonly splices: readonly Splice[]
  /** Values of interventions that are inputs. */
  readonly given: ReadonlyMap<string, Feed>
  /** @throws OpsinError `ENGINE` where there is not enough memory. */
  load(): Promise<Loaded>
}

/** The largest number of programs that are kept: the last used. */
const KEPT = 64

/**
 * The one door of `compile`: a model's programs on one engine. Requests of equal form, on inputs of equal
 * sizes, share one.
 */
export class Programs {
  readonly #bases = new Map<string, Bases>()
  readonly #compiled = new Map<string, Compiled>()

  constructor(
    readonly backend: Backend,
    readonly model: Model,
  ) {}

  /** The model's own graph on inputs of these sizes, without interventions. */
  graph(sizes: Sizes): Graph {
    return this.#basesFor(sizes).graph(false)
  }

  /**
   * Compiles a request, without loading or computing anything.
   *
   * @throws OpsinError for interventions and points that do not fit.
   */
  compile(sizes: Sizes, request: Request): Ready {
    const bases = this.#basesFor(sizes)
    const { interventions, read, lift = false } = request
    const spliced = splice(bases, interventions, read, { lift })
    const key = keyOf(sizes, spliced, request, this.model)
    const compiled = this.#compiled.get(key) ?? build(bases, spliced, request)
    this.#keep(key, compiled)
    return {
      // Of equal graphs two may write different numbers of elements, where their masks are inputs.
      splices: [...spliced.splices, ...compiled.splices.slice(spliced.splices.length)],
      given: spliced.given,
      load: () => this.#loaded(compiled, request),
    }
  }

  #basesFor(sizes: Sizes): Bases {
    const key = JSON.stringify(sizes)
    const bases = this.#bases.get(key) ?? new Bases(this.model, sizes)
    this.#bases.set(key, bases)
    return bases
  }

  /** Loaded once; after a failure the next call tries again. */
  #loaded(compiled: Compiled, request: Request): Promise<Loaded> {
    if (compiled.loaded !== undefined) return compiled.loaded
    const loaded = this.#load(compiled, request)
    compiled.loaded = loaded
    loaded.catch(() => {
      compiled.loaded = undefined
    })
    return loaded
  }

  async #load({ graph, keep }: Compiled, { profile }: Request): Promise<Loaded> {
    const program = await this.backend.load(graph, { keep, profile })
    return { program, inputs: inputViews(program), feed: feedersOf(program), turns: new OneAtATime() }
  }

  /** The one used last comes last, and the first goes when there are too many. */
  #keep(key: string, compiled: Compiled): void {
    this.#compiled.delete(key)
    this.#compiled.set(key, compiled)
    if (this.#compiled.size <= KEPT) return
    const [oldest] = this.#compiled.keys()
    this.#compiled.delete(oldest)
  }
}

/** Equal for requests that the same program serves. */
function keyOf(sizes: Sizes, spliced: Spliced, { read, gradientOf, update, without, profile }: Request, model: Model) {
  const trained = update && trainedAt(assign(update.optimizer, model.parameters), update.step).map(({ name }) => name)
  return JSON.stringify([
    sizes,
    spliced.form(),
    read,
    gradientOf,
    update && [identityOf(update.optimizer), trained],
    without,
    profile && identityOf(profile),
  ])
}

function build(bases: Bases, spliced: Spliced, request: Request): Compiled {
  const { interventions, read, gradientOf, update, without } = request
  const points = [...read.map(pointNameOf), ...interventions.map(({ intervention }) => intervention.at.point)]
  const gradients = update !== undefined || points.some(isGradient)
  const { graph, splices } = complete(bases, spliced, { observed: read, gradients, gradientOf, without })
  const names = read.map(observedPoint)
  if (update === undefined) return { graph: prune(graph, names), keep: names, splices }
  const { optimizer, step } = update
  const trained = trainedAt(assign(optimizer, bases.model.parameters), step)
  const keep = [...names, ...trained.flatMap(({ parameters }) => parameters.map(gradientName))]
  return { graph: prune(share(optimize(graph, optimizer, step)), names), keep, splices }
}

function pointNameOf(observed: Observed): string {
  return typeof observed === 'string' ? observed : observed.point
}
