import type { NumberArray } from '../../core/dtype.ts'
import { sizeOf } from '../../core/shape.ts'
import type { Graph, Node, NodeId } from '../../graph/node.ts'
import { encodeModel, lowerGraph } from '../../onnx/lower/index.ts'
import { notKept } from '../arena.ts'
import type { Backend, LoadOptions, NativeBackend, NativeProgram, Program } from '../backend.ts'
import {
  type OrtModule,
  type OrtTensor,
  type Runtime,
  type RuntimeName,
  running,
  runtimeOf,
  usualRuntime,
} from './ort.ts'
import { Sessions, type SharedSession } from './sessions.ts'
import { type SplitGraph, splitUpdate } from './split.ts'

/**
 * ONNX Runtime as an engine, f32: fast where models are large. It computes losses and gradients; the optimiser's update is another
 * engine's, over the same memory, since ONNX Runtime copies every value that it updates.
 *
 * @param updates the engine that computes updates.
 * @throws OpsinError `ENGINE` where the runtime is not installed, with the line that installs it.
 */
export async function onnxBackend(
  updates: NativeBackend,
  {
    threads = 1,
    runtime: asked = usualRuntime(),
  }: { readonly threads?: number; readonly runtime?: RuntimeName | OrtModule } = {},
): Promise<Backend> {
  const runtime = await runtimeOf(asked)
  const sessions = new Sessions(runtime, threads)
  return {
    name: `${runtime.package} ${runtime.version}${threads === 1 ? '' : `, ${threads} threads`}`,
    precision: 'f32',
    async load(graph, options = {}) {
      const split = splitUpdate(graph, options.keep)
      const lowered = lowerGraph(graph, { outputs: namesOf(split.outputs) })
      const shared = await sessions.of(encodeModel(lowered).bytes)
      const reads = lowered.takes.map(({ name }) => name)
      return new OnnxProgram(graph, split, updates, { runtime, shared, reads, profile: options.profile })
    },
  }
}

function namesOf(outputs: readonly NodeId[]): Record<string, NodeId> {
  return Object.fromEntries(outputs.map((id) => [outputName(id), id]))
}

function outputName(id: NodeId): string {
  return `output/${id}`
}

interface OnnxOptions extends Pick<LoadOptions, 'profile'> {
  readonly runtime: Runtime
  readonly shared: SharedSession
  /** The inputs that the session takes. */
  readonly reads: readonly string[]
}

class OnnxProgram implements Program {
  readonly #views = new Map<NodeId, NumberArray>()
  readonly #feeds: Record<string, OrtTensor>
  readonly #fetches: Record<string, OrtTensor>
  readonly #update: NativeProgram | undefined

  constructor(
    readonly graph: Graph,
    { outputs, update, inUpdate }: SplitGraph,
    updates: NativeBackend,
    readonly options: OnnxOptions,
  ) {
    const native = update.updates.length === 0 ? undefined : updates.load(update, { profile: options.profile })
    this.#update = native
    graph.nodes.forEach((node, id) => {
      const there = native === undefined ? undefined : inUpdate.get(id)
      if (there !== undefined) this.#views.set(id, (native as NativeProgram).view(there))
      else if (node.kind === 'input' || outputs.includes(id)) this.#views.set(id, arrayFor(node))
    })
    const tensorOf = (id: NodeId) => this.#tensorOf(id)
    const inputs = graph.nodes.flatMap((node, id) => (node.kind === 'input' ? [[node.name, id] as const] : []))
    const fed = inputs.filter(([name]) => options.reads.includes(name))
    this.#feeds = Object.fromEntries(fed.map(([name, id]) => [name, tensorOf(id)]))
    this.#fetches = Object.fromEntries(outputs.map((id) => [outputName(id), tensorOf(id)]))
  }

  view(id: NodeId): NumberArray {
    const view = this.#views.get(id)
    if (view === undefined) throw notKept(this.graph, id)
    return view
  }

  async compute(): Promise<void> {
    const { profile } = this.options
    const started = performance.now()
    const results = await this.#run()
    // A runtime with a memory of its own gives arrays of its own.
    for (const [name, { data }] of Object.entries(this.#fetches)) {
      if (results[name].data !== data) data.set(results[name].data)
    }
    profile?.({ op: 'onnx', inputs: [], shape: [], ms: performance.now() - started })
  }

  update(): void {
    this.#update?.run()
  }

  #run(): Promise<Record<string, OrtTensor>> {
    const { runtime, shared } = this.options
    const fetches = runtime.writesOutputs ? this.#fetches : Object.keys(this.#fetches)
    return running(runtime.package, () => shared.session.run(this.#feeds, fetches))
  }

  /** A value as the runtime takes it, over the same memory. */
  #tensorOf(id: NodeId): OrtTensor {
    const { dtype, shape } = this.graph.nodes[id]
    const { Tensor } = this.options.runtime.module
    return new Tensor(dtype === 'int' ? 'int32' : 'float32', this.#views.get(id), shape)
  }
}

function arrayFor({ dtype, shape }: Node): NumberArray {
  return dtype === 'int' ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
}
