import type { OrtTensor } from '../backends/onnx/ort.ts'
import type { InputArrays } from '../inference/inputs.ts'
import { gateInput, gateInputs } from '../onnx/gates.ts'
import { requireFit } from './fit.ts'
import type { SetGate } from './gated.ts'
import type { OpenFile } from './open-file.ts'
import { toRuntime } from './tensors.ts'

/**
 * The inputs of a run of a file: the model's, and each gate as interventions set it, by default without effect.
 *
 * @throws OpsinError `SHAPE` and `DTYPE` for inputs that are missing or do not fit.
 */
export function feedsOf(
  { contents, runtime: { module } }: OpenFile,
  inputs: InputArrays,
  set: ReadonlyMap<string, SetGate>,
): Record<string, OrtTensor> {
  const feeds: Record<string, OrtTensor> = {}
  const ofGates = new Map(
    (contents.opsin?.gates ?? []).flatMap((point) =>
      gateInputs.map((input) => [gateInput(point, input), { point, input }] as const),
    ),
  )
  const lengths = new Map<string, number>()
  for (const value of contents.inputs) {
    const own = ofGates.get(value.name)
    if (own === undefined) {
      requireFit(value, inputs, lengths)
      feeds[value.name] = toRuntime(module, `input "${value.name}"`, value.type, inputs[value.name])
      continue
    }
    const gate = set.get(own.point)
    const data = gate?.[own.input] ?? (own.input === 'mask' ? new Uint8Array(1) : new Float32Array(1))
    const shape = gate?.shape ?? (value.dims ?? []).map(() => 1)
    feeds[value.name] = new module.Tensor(value.type, data, shape)
  }
  return feeds
}
