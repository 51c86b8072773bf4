import type { NumberArray } from '../core/dtype.ts'
import { sizeOf } from '../core/shape.ts'
import type { Graph, NodeId, OpNode } from '../graph/node.ts'
import type { Place, Plan } from '../graph/plan.ts'
import type { KernelCall } from '../ops/define.ts'
import type { ProfileListener, Program } from './backend.ts'

/** Makes the function that computes one node; the arena lies at `base` bytes in `buffer`. */
export type Bind = (node: OpNode, call: KernelCall<any>, id: NodeId, views: Views) => () => void

/** The node's own buffer and those of its inputs. */
export interface Views {
  readonly out: NumberArray
  readonly inputs: readonly NumberArray[]
}

/** A program over one arena: what every backend of this folder shares. */
export function programOver(
  plan: Plan,
  buffer: ArrayBufferLike,
  base: number,
  bind: Bind,
  profile?: ProfileListener,
): Program {
  const { graph } = plan
  const views = plan.places.map((place) => viewAt(buffer, base, place, plan))
  const compile = (id: NodeId) => {
    const node = graph.nodes[id] as OpNode
    const inputs = node.inputs.map((input) => graph.nodes[input].shape)
    return bind(node, { attrs: node.attrs, inputs, shape: node.shape }, id, {
      out: views[id],
      inputs: node.inputs.map((input) => views[input]),
    })
  }
  for (const id of plan.constants) compile(id)()
  const steps = plan.order.map((id) => {
    const step = compile(id)
    return profile === undefined ? step : timed(step, graph, id, profile)
  })
  const copies = plan.copies.map(
    ({ from, to }) =>
      () =>
        views[to].set(views[from]),
  )
  return {
    graph,
    bytes: plan.bytes,
    arena: new Uint8Array(buffer, base, plan.bytes),
    view: (id) => views[id],
    run() {
      for (let i = 0; i < steps.length; i++) steps[i]()
      for (let i = 0; i < copies.length; i++) copies[i]()
    },
  }
}

/** The step, with its time told. Only profiling pays for it: otherwise no such function is in the way. */
function timed(step: () => void, { nodes }: Graph, id: NodeId, profile: ProfileListener): () => void {
  const { op, inputs, shape } = nodes[id] as OpNode
  const sample = { op, inputs: inputs.map((input) => nodes[input].shape), shape }
  return () => {
    const started = performance.now()
    step()
    profile({ ...sample, ms: performance.now() - started })
  }
}

function viewAt(buffer: ArrayBufferLike, base: number, place: Place, { precision }: Plan): NumberArray {
  const offset = base + place.offset
  if (place.dtype === 'int') return new Int32Array(buffer, offset, place.length)
  return precision === 'f64'
    ? new Float64Array(buffer, offset, place.length)
    : new Float32Array(buffer, offset, place.length)
}

/** The number of rows and columns of a value seen as a matrix over its last axis. */
export function rowsAndColumns(shape: readonly number[]): [rows: number, columns: number] {
  const columns = shape[shape.length - 1] ?? 1
  return [sizeOf(shape) / columns, columns]
}
