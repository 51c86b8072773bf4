import type { Parameters } from '../architectures/initialize.ts'
import type { PreNormOptions } from '../architectures/presets/pre-norm-options.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import type { IclDynamicsOptions } from '../interventions/from-icl-dynamics.ts'
import type { TensorFile } from '../io/safetensors.ts'
import type { Optimizer } from '../optimizers/define.ts'

/** `recording.json`: one run of `aadityasingh/icl-dynamics`, described. */
export interface RecordingHeader {
  readonly version: 1
  readonly name: string
  readonly model: {
    readonly layers: number
    readonly heads: number
    readonly dModel: number
    readonly dHead: number
    readonly mlpRatio: number | null
    readonly positions: NonNullable<PreNormOptions['positions']>
    readonly rotaryBase: number
    readonly norm: 'layernorm' | null
    readonly eps: number
    readonly causal: boolean
    readonly features: number
    readonly labels: number
  }
  readonly optimizer: Optimizer['config']
  readonly batch: number
  readonly pairs: number
  /** Files beside the recordings. */
  readonly features: string
  readonly init: string
  readonly batches: string
  /** Which exemplar of each class is used. */
  readonly exemplar: number
  readonly opto: IclDynamicsOptions
  readonly steps: { readonly f32: number; readonly f64: number }
}

/** A recording with the files it names, as read from disk. */
export interface Recording {
  readonly header: RecordingHeader
  /** [classes, exemplars, features] */
  readonly features: Tensor
  readonly init: TensorFile['tensors']
  /** `classes` and `labels`, [steps, batch, pairs + 1]; the last column is the query. */
  readonly batches: TensorFile['tensors']
  readonly f32: TensorFile['tensors']
  readonly f64: TensorFile['tensors']
}

/**
 * Weights as the recordings store them, (out, in) with q, k and v in one matrix, in opsin's form: (in, out), apart.
 * The label embedding's columns are labels and those of `embed.pos.weight` positions, so turning them makes tables.
 */
export function parametersFrom(stored: Readonly<Record<string, Tensor>>): Parameters {
  const parameters: Record<string, Parameters[string]> = {}
  for (const [name, value] of Object.entries(stored)) {
    if (value.shape.length === 1) parameters[name] = value as Parameters[string]
    else if (name.endsWith('.attn.qkv.weight')) Object.assign(parameters, splitQkv(name, value))
    else parameters[name] = transposed(value)
  }
  return parameters
}

/** The tensors of a file whose names start with `prefix`, without it. */
export function withPrefix(tensors: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}

/** A tensor that the recording must have. @throws OpsinError `FORMAT`. */
export function requireTensor(tensors: Readonly<Record<string, Tensor>>, name: string, file: string): Tensor {
  const found = tensors[name]
  if (found !== undefined) return found
  throw new OpsinError('FORMAT', { where: file, expected: `a tensor "${name}"`, got: Object.keys(tensors).join(', ') })
}

function splitQkv(name: string, { shape, data }: Tensor): Record<string, Parameters[string]> {
  const [rows, columns] = [shape[0] / 3, shape[1]]
  return Object.fromEntries(
    ['q', 'k', 'v'].map((part, i) => [
      name.replace('.qkv.', `.${part}.`),
      transposed(tensor([rows, columns], data.subarray(i * rows * columns, (i + 1) * rows * columns) as NumberArray)),
    ]),
  )
}

/** [out, in] → [in, out] */
function transposed({ shape: [rows, columns], data }: Tensor): Parameters[string] {
  const turned = data.slice() as Float32Array | Float64Array
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c]
  return tensor([columns, rows], turned)
}
