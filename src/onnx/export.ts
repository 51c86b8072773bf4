import { requireModel } from '../architectures/check.ts'
import type { HookName, Model, Sizes } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { State } from '../backends/program-io.ts'
import { numbered } from '../compile/intervene.ts'
import { optional, positive, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { list, listOf, object } from '../core/fields.ts'
import { version } from '../core/version.ts'
import type { Graph } from '../graph/node.ts'
import { type InputArrays, inputsOf, requireInputs } from '../inference/inputs.ts'
import { Learner } from '../inference/learner.ts'
import { checkParameters } from '../inference/state.ts'
import { axesOfName } from '../interventions/at.ts'
import { hashInterventions } from '../interventions/hash.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { anObjective, type Objective } from '../objectives/objective.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { chooseSizes } from './choose-sizes.ts'
import { followSizes } from './follow-sizes.ts'
import type { FreeSizes } from './free-sizes.ts'
import { gateInput } from './gates.ts'
import { type Asked, type InferenceGraph, inferenceGraph, requireForward } from './inference-graph.ts'
import { type Declared, type ExternalData, encodeModel, lowerGraph } from './lower/index.ts'
import { writeMetadata } from './metadata.ts'

/** Options of {@link exportOnnx}. */
export interface ExportOptions<Name extends string = string> {
  /** The hook points that the file gives besides the logits. */
  readonly hooks?: readonly Name[]
  /** The hook points that can be written when the file runs. */
  readonly gates?: readonly Name[]
  /** Interventions that become part of the file; all of them act. */
  readonly interventions?: readonly Intervention[]
  /** The objective of the point `loss`, where it is among the hooks; default cross-entropy with `targets` as ids. */
  readonly objective?: Objective
  /** Such as `{ batch: 1, length: 64 }`; or else `inputs`. */
  readonly sizes?: Sizes
  /** A sample of inputs, batch and tables together, that gives the sizes. */
  readonly inputs?: InputArrays
  /** The sizes that each run may choose; default all of those that no op's ONNX form depends on. */
  readonly free?: readonly string[]
  /** Sizes that the file is to hold although each run could choose them. */
  readonly hold?: readonly string[]
  /** The task that the model was trained on, for the file's metadata. */
  readonly task?: { readonly name: string; readonly config: Readonly<Record<string, unknown>> }
  /** From how many bytes on the weights come in an array, and a file, of their own: one of ONNX holds 2 GiB. Default 1e9. */
  readonly externalAbove?: number
  /** The name of that file, beside the first; default `model.onnx.data`. */
  readonly externalName?: string
}

/** An exported model. */
export interface OnnxFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The file beside it, where the weights are too large for one. */
  readonly externalData?: ExternalData
  /** The sizes that each run may choose. */
  readonly free: readonly string[]
  /** The other sizes, with the ops whose ONNX form depends on them. */
  readonly fixed: Readonly<Record<string, readonly string[]>>
}

const names = listOf(text, 'names of hook points')

const table = {
  hooks: optional(names, []),
  gates: optional(names, []),
  interventions: optional({ ...list, expected: 'a list of interventions' }, []),
  objective: optional(anObjective),
  sizes: optional(object),
  inputs: optional(object),
  free: optional(listOf(text, 'names of sizes')),
  hold: optional(listOf(text, 'names of sizes'), []),
  task: optional(object),
  externalAbove: optional(positive, 1e9),
  externalName: optional(text, 'model.onnx.data'),
} satisfies Record<keyof ExportOptions, unknown>

/**
 * A model as an ONNX file (opset 17, IR version 8) for ONNX Runtime and all else that reads ONNX: its forward pass, and of that what
 * the passes leave. It holds the weights; the task's inputs are its inputs, under their names, float32 and int32; the logits and the
 * hook points that are asked for are its outputs, under theirs.
 *
 * A *gate* makes a hook point writable when the file runs. It is three inputs, all of them required, of the point's rank with axes
 * that are whole or of length 1: `NAME.gate` and `NAME.value` (float32), and `NAME.mask` (bool). The point becomes
 * `mask ? value + (1 − gate) · x : x`: gate 1 replaces x, gate 0 adds to it. With mask false, gate 0 and value 0, one element each, it
 * does nothing. The output `NAME` is the value after the gate, `NAME.before` that before it.
 *
 * @param parameters from `initialize`, a training run or a file.
 * @throws OpsinError `NAME` for points, sizes and options that do not exist; `VALUE` for a size that cannot be free and for an op
 * that has no ONNX form, by name; `GRADIENT` for gradients, which a file for inference does not have; and for whatever is wrong with
 * interventions and parameters.
 * @example
 * import { ablate, at, attentionOnly, initialize } from 'opsin'
 * import { exportOnnx, inspectOnnx } from 'opsin/onnx'
 * const model = attentionOnly({ layers: 2, heads: 4, dModel: 16, inputs: { kind: 'tokens', vocab: 9 } })
 * const { bytes, free } = exportOnnx(model, initialize(model, 5), {
 *   sizes: { batch: 1, length: 12 },
 *   hooks: ['blocks.1.attn.pattern'],
 *   gates: ['blocks.1.attn.z'],
 *   interventions: [ablate(at(model, 'blocks.0.attn.z', { head: 2 }))],
 * })
 * console.assert(free.includes('batch') && inspectOnnx(bytes).outputs.some(({ name }) => name === 'blocks.1.attn.pattern'))
 */
export function exportOnnx<M extends Model>(
  model: M,
  parameters: Parameters,
  options: ExportOptions<HookName<M>>,
): OnnxFile {
  requireModel('exportOnnx', model)
  const given = readOptions('exportOnnx', options, table) as OptionsRead
  const { hooks, gates, interventions, objective, externalAbove, externalName } = given
  const weights = single(checkParameters(model, parameters))
  const logits = Object.values(model.readouts).map((readout) => readout.logits)
  const asked: Asked = {
    hooks: [...new Set([...logits, ...hooks, ...gates])],
    gates: [...new Set(gates)],
    list: numbered(interventions),
  }
  requireForward(model, asked)
  const whole = withLoss(model, objective)
  const lowered = (built: InferenceGraph, declare?: Declare) =>
    lowerGraph(built.graph, {
      outputs: built.outputs,
      initializers: { ...weights, ...constantInputs(built.graph) },
      ...(declare === undefined ? {} : { declare }),
    })
  const { free, without } = chooseSizes(sizesOf(model, given), given, (sizes, left) => {
    const built = inferenceGraph(whole, sizes, { ...asked, without: left })
    return { ...built, lowered: lowered(built) }
  })
  const built = inferenceGraph(whole, free.sizes, { ...asked, without })
  const freeNames = free.free.map(({ name }) => name)
  const metadata = writeMetadata({
    version,
    architecture: model.architecture,
    config: model.config,
    hooks: Object.fromEntries(asked.hooks.map((name) => [name, axesOfName(model, name)])),
    gates: asked.gates,
    sizes: free.sizes,
    free: freeNames,
    interventions: interventions.length === 0 ? null : hashInterventions(interventions),
    task: given.task === undefined ? null : { name: given.task.name, ...given.task.config },
  })
  const written = followSizes(lowered(built, declaration(model, asked, free)), free.free, free.sizes)
  const file = encodeModel(written, {
    name: model.architecture,
    metadata,
    external: { above: externalAbove, location: externalName },
  })
  return { ...file, free: freeNames, fixed: free.fixed }
}

type OptionsRead = Required<
  Pick<ExportOptions, 'hooks' | 'gates' | 'interventions' | 'hold' | 'externalAbove' | 'externalName'>
> &
  ExportOptions

type Declare = (value: Declared) => { readonly dims?: readonly (number | string)[]; readonly type?: 'bool' }

/** Weights in the file's precision. */
function single(state: State): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Float32Array.from(values)]))
}

/** The numbers of inputs that are functions of the step, at the first. */
function constantInputs({ nodes }: Graph): Record<string, ArrayLike<number>> {
  return Object.fromEntries(
    nodes.flatMap((node) => (node.kind === 'input' && node.feed !== undefined ? [[node.name, node.feed(0)]] : [])),
  )
}

/** The model with its loss, where it has one; unread nodes are not written. */
function withLoss(model: Model, objective: Objective | undefined): Model {
  return objective === undefined && Object.keys(model.readouts).length !== 1 ? model : withObjective(model, objective)
}

function sizesOf(model: Model, { sizes, inputs, objective }: ExportOptions): Sizes {
  if (sizes !== undefined && inputs === undefined) return sizes
  if (sizes === undefined && inputs !== undefined) {
    const whole = new Learner(model, objective).for(inputs, [], [])
    const own = whole.sizes(inputs)
    requireInputs(inputsOf(whole, own), inputs)
    return own
  }
  throw new OpsinError('VALUE', {
    where: 'exportOnnx',
    expected: 'either `sizes`, such as { batch: 1, length: 64 }, or `inputs`, a sample of them',
    got: sizes === undefined ? 'neither' : 'both',
  })
}

/** Free sizes by their names; the inputs of gates with axes of any length, and masks as booleans. */
function declaration(model: Model, { gates }: Asked, { dims }: FreeSizes): Declare {
  const ofGates = new Map(
    gates.flatMap((gate) =>
      (['gate', 'mask', 'value'] as const).map((input) => [gateInput(gate, input), { gate, isMask: input === 'mask' }]),
    ),
  )
  return ({ name }) => {
    const own = ofGates.get(name)
    if (own === undefined) return { dims: dims(name) }
    const axes = axesOfName(model, own.gate)
    const open = axes.map((axis) => `${name}:${axis}`)
    return own.isMask ? { dims: open, type: 'bool' } : { dims: open }
  }
}
