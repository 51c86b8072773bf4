import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import type { Graph, NodeId, OpNode } from '../graph/node.ts'
import type { Place, Plan } from '../graph/plan.ts'
import type { KernelCall } from '../ops/define.ts'
import type { NativeProgram, ProfileListener } from './backend.ts'

/** Makes the function that computes one node; the arena lies at `base` bytes in `buffer`. */
export type Bind = (node: OpNode, call: KernelCall<any>, id: NodeId, views: Views) => () => void

/** The node's own buffer and those of its inputs. */
export interface Views {
  readonly out: NumberArray
  readonly inputs: readonly NumberArray[]
}

/**
 * Memory for a program.
 *
 * @throws OpsinError `ENGINE` where there is not as much.
 */
export function allocate<Memory>(engine: string, bytes: number, make: () => Memory): Memory {
  try {
    return make()
  } catch (cause) {
    throw new OpsinError('ENGINE', {
      where: `engine "${engine}"`,
      expected: `${bytes} bytes of memory in one piece (${(bytes / 2 ** 30).toFixed(1)} GiB)`,
      got: cause instanceof Error ? cause.message : String(cause),
      hint: 'Take a smaller batch or model, or observe fewer hook points.',
      cause,
    })
  }
}

/** A program over one arena, for the native engines. */
export function programOver(
  plan: Plan,
  buffer: ArrayBufferLike,
  base: number,
  bind: Bind,
  profile?: ProfileListener,
): NativeProgram {
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
  const timedStep = (id: NodeId) => (profile === undefined ? compile(id) : timed(compile(id), graph, id, profile))
  const compute = inTurn(plan.order.map(timedStep))
  const copies = plan.copies.map(
    ({ from, to }) =>
      () =>
        views[to].set(views[from]),
  )
  const update = inTurn([...plan.updates.map(timedStep), ...copies])
  return {
    graph,
    bytes: plan.bytes,
    arena: new Uint8Array(buffer, base, plan.bytes),
    view(id) {
      if (!plan.readable[id]) throw notKept(graph, id)
      return views[id]
    },
    compute,
    update,
    run() {
      compute()
      update()
    },
  }
}

function inTurn(steps: readonly (() => void)[]): () => void {
  return () => {
    for (let i = 0; i < steps.length; i++) steps[i]()
  }
}

/** The error for a value whose memory was reused. */
export function notKept(graph: Graph, id: NodeId): OpsinError {
  const name = Object.keys(graph.points).find((point) => graph.points[point] === id)
  return new OpsinError('VALUE', {
    where: name === undefined ? `node %${id}` : `point "${name}"`,
    expected: 'a point that is kept for reading',
    got: 'one whose memory was given to a later value',
    hint: 'Name it among the points to observe, or to keep when the graph is loaded.',
  })
}

/** The step, timed. Only profiling pays for this function. */
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
