import type { Axis } from '../core/axes.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Graph } from '../graph/node.ts'
import type { Initializer } from './initializers/index.ts'

export interface ParameterSpec {
  readonly name: string
  /** Weights are [in, out]. */
  readonly shape: readonly number[]
  readonly initializer: Initializer
}

/** Sizes that come from the data rather than from the architecture: `batch`, and those of the task. */
export type Sizes = Readonly<Record<string, number>>

/** The words for positions of the sequence that an architecture understands, e.g. `{last: [4], labels: [1, 3]}`. */
export type Positions = Readonly<Record<string, readonly number[]>>

/** A place in a model where values can be read and written. */
export interface HookPoint {
  readonly axes: readonly Axis[]
  /** How long an axis is, where the architecture fixes it (`head`, `d_model`, …). */
  readonly sizes?: Readonly<Partial<Record<Axis, number>>>
  /** Of attention points: what a causal mask leaves on the edges that it hides, those from a query to later keys. */
  readonly hidden?: number
}

/** A place where predictions are read off. */
export interface ReadoutSite {
  /** The hook point of its logits, [batch, pos, vocab]. */
  readonly logits: string
  /** The hook point of its loss, where an objective has one for it. */
  readonly loss: string
  /** Which positions it reads: the last one, or all. */
  readonly at: 'last' | 'all'
  /** Size of `vocab`. */
  readonly outputs: number
}

/**
 * A transformer as data: what it computes (a graph builder), what it trains and where it can be read and written.
 * `Points` maps each of its hook names to that point's axes, so that a wrong name or axis does not compile.
 */
export interface Model<Points = any> {
  readonly architecture: string
  /** Plain JSON that rebuilds the model. */
  readonly config: Readonly<Record<string, unknown>>
  readonly parameters: readonly ParameterSpec[]
  /** Forward hook points, in firing order. */
  readonly hookPoints: ReadonlyMap<string, HookPoint>
  /** By name; one alone has the name `''`. */
  readonly readouts: Readonly<Record<string, ReadoutSite>>
  /**
   * The sizes of given inputs (tables and batch together), for {@link graph}.
   *
   * @throws OpsinError `SHAPE` for inputs that are missing or do not fit the model, `VALUE` for ids outside their range.
   */
  sizes(inputs: Readonly<Record<string, Tensor>>): Sizes
  /**
   * One forward pass over a batch of the given sizes, up to the logits: a loss is the objective's.
   *
   * @param looksAhead whether queries may attend to later keys once somebody gives them scores; no unless said
   * @throws OpsinError `SHAPE` when a size is missing.
   */
  graph(sizes: Sizes, looksAhead?: boolean): Graph
  /** Which positions the semantic words name at the given sizes. */
  positions(sizes: Sizes): Positions
  /** Whether a position sees only itself and what came before; interventions keep it so unless told otherwise. */
  readonly causal: boolean
  /** Never present: carries the hook points' types. */
  readonly points?: Points
}

/** The hook names of a model. */
export type HookName<M extends Model> = M extends Model<infer Points> ? keyof Points & string : never

/** The axes of one of its hook points. */
export type AxesOf<M extends Model, Name> =
  M extends Model<infer Points> ? (Name extends keyof Points ? Points[Name] & Axis : never) : never
