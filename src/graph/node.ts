import type { OpDef, ValueType } from '../ops/define.ts'

/** A node's place in {@link Graph.nodes}. Inputs of a node always come before it. */
export type NodeId = number

/**
 * Where the values of an input come from: the task, at each step (`batch`) or once (`table`); an initialiser and training
 * (`parameter`); an optimiser's memory (`state`); a function of the step (`step`); seeded noise, by step (`draw`); or a
 * value that somebody hands in (`given`).
 */
export type Feeder = 'batch' | 'table' | 'parameter' | 'state' | 'step' | 'draw' | 'given'

/** The values of an input at a step (the first is 0), as many as it has elements. */
export type Feed = (step: number) => ArrayLike<number>

/** A value that comes from outside. */
export interface InputNode extends ValueType {
  readonly kind: 'input'
  readonly name: string
  readonly feeder: Feeder
  /** Of `step`, `draw` and `given`: the values, from the declaration of the input. */
  readonly feed?: Feed
}

/** A value that an op computes. */
export interface OpNode extends ValueType {
  readonly kind: 'op'
  readonly op: string
  /** The op's definition. The JSON form has only its name. */
  readonly definition: OpDef
  readonly inputs: readonly NodeId[]
  /** Plain JSON. */
  readonly attrs: Readonly<Record<string, unknown>>
}

export type Node = InputNode | OpNode

/** After each run, `state` takes the value of `value`; both have the same type. */
export interface Update {
  readonly state: NodeId
  readonly value: NodeId
}

/**
 * The whole of a computation as plain, immutable data. It can be printed, hashed, compared, sent to a worker. Every
 * transformation (an intervention, differentiation, a pass) is a function from one graph to another.
 */
export interface Graph {
  /** In an order in which they can be computed. */
  readonly nodes: readonly Node[]
  /**
   * Names for nodes: hook points (`blocks.0.attn.pattern`), their gradients (`grad(blocks.0.attn.pattern)`), and both
   * again in other replicas (`clean/blocks.0.attn.pattern`).
   */
  readonly points: Readonly<Record<string, NodeId>>
  readonly updates: readonly Update[]
}
