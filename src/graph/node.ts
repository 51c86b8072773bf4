import type { ValueType } from '../ops/define.ts'
import type { OpName } from '../ops/registry.ts'

/** A node's place in {@link Graph.nodes}. Inputs of a node always come before it. */
export type NodeId = number

/**
 * A value that comes from outside: `data` changes with each batch (or is a table that rarely does), `parameter` is
 * trained, `state` is what an optimiser remembers.
 */
export interface InputNode extends ValueType {
  readonly kind: 'input'
  readonly name: string
  readonly role: 'data' | 'parameter' | 'state'
}

/** A value that an op computes. */
export interface OpNode extends ValueType {
  readonly kind: 'op'
  readonly op: OpName
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
   * again in other passes (`clean/blocks.0.attn.pattern`).
   */
  readonly points: Readonly<Record<string, NodeId>>
  readonly updates: readonly Update[]
}
