import type { NumberArray, Precision } from '../core/dtype.ts'
import type { Graph, NodeId } from '../graph/node.ts'

/** An engine. Its name goes into every result: another engine may round differently. */
export interface Backend {
  readonly name: string
  readonly precision: Precision
  /** Plans the graph, allocates its memory once, and makes it ready to run. */
  load(graph: Graph, options?: LoadOptions): Program | Promise<Program>
}

/** An engine that computes in one piece of memory, while its caller waits. */
export interface NativeBackend extends Backend {
  load(graph: Graph, options?: LoadOptions): NativeProgram
}

export interface LoadOptions {
  /**
   * The points that will be read after a run; the memory of any other may be reused for a later value, and cannot be
   * read. Default: everything is kept.
   */
  readonly keep?: readonly string[] | undefined
  /** Bytes to leave free around every buffer; for tests that watch for stray writes. */
  readonly guard?: number | undefined
  /** Told after each node how long it took. Without it nothing is timed. */
  readonly profile?: ProfileListener | undefined
}

/** One node, computed once. */
export interface ProfileSample {
  readonly op: string
  /** Shapes of its inputs and of its output: how much work it was. */
  readonly inputs: readonly (readonly number[])[]
  readonly shape: readonly number[]
  readonly ms: number
}

export type ProfileListener = (sample: ProfileSample) => void

/** A graph that is ready to run. Nothing is allocated after loading. One run at a time: its memory holds no more. */
export interface Program {
  readonly graph: Graph
  /**
   * A node's value, live over the engine's memory: write the graph's inputs through it, read results through it. What
   * it shows changes at the next run.
   *
   * @throws OpsinError `VALUE` for a value that was not kept.
   */
  view(id: NodeId): NumberArray
  /** Computes every node once, in order, and leaves the states as they are. */
  compute(): void | Promise<void>
  /** Gives the states the values that were computed for them. */
  update(): void | Promise<void>
}

/** A program that has run when its methods return. */
export interface NativeProgram extends Program {
  /** Size of the arena. */
  readonly bytes: number
  /** The whole arena, with its guards. */
  readonly arena: Uint8Array
  compute(): void
  update(): void
  /** Both. */
  run(): void
}
