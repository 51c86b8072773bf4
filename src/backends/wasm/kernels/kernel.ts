import type { KernelCall } from '../../../ops/define.ts'
import type { KernelExports } from '../generated/kernels.ts'

/** Where a node's values lie in the memory, in bytes. */
export interface Pointers {
  readonly out: number
  readonly inputs: readonly number[]
  /** Working memory. All kernels share it: nothing in it survives the call. */
  readonly scratch: number
  /** The kernel's {@link Kernel.table}, or 0. */
  readonly table: number
}

/** Constant numbers that a kernel reads, such as indices or cosines. Tables with the same key are one. */
export interface Table {
  readonly key: string
  values(): Float32Array | Int32Array
}

/** The fast form of an op. */
export interface Kernel<Attrs = any> {
  /** Bytes of working memory. */
  scratch?(call: KernelCall<Attrs>): number
  /** `undefined` leaves this call to the op's own `forward`. */
  table?(call: KernelCall<Attrs>): Table | undefined
  /** Makes the function that computes one node: it only passes numbers that are known by now. */
  bind(exports: KernelExports, at: Pointers, call: KernelCall<Attrs>): () => void
}

/** Kernels by op name. */
export type Kernels = Readonly<Record<string, Kernel>>
