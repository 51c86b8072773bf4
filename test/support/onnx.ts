import * as ort from 'onnxruntime-web'
import type { NumberArray } from '../../src/core/dtype.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { encodeModel, lowerGraph } from '../../src/onnx/lower/index.ts'
import { inputName, type OpCase } from './op-case.ts'

ort.env.wasm.numThreads = 1

/** The output of each case, computed by ONNX Runtime from the op's lowering; all cases are one model. */
export async function runOnnx(cases: readonly OpCase[]): Promise<NumberArray[]> {
  const session = await ort.InferenceSession.create(writeModel(cases), { logSeverityLevel: 3 })
  const feeds = cases.flatMap(({ values }, c) =>
    values.map(({ type, data }, i) => [
      `${prefix(c)}${inputName(i)}`,
      data instanceof Int32Array
        ? new ort.Tensor('int32', data, type.shape)
        : new ort.Tensor('float32', Float32Array.from(data), type.shape),
    ]),
  )
  const results = await session.run(
    Object.fromEntries(feeds.filter(([name]) => session.inputNames.includes(String(name)))),
  )
  await session.release()
  return cases.map((opCase, c) => {
    const { dims, data } = results[outputName(c)]
    if (dims.join() !== opCase.type.shape.join()) throw new Error(`ONNX gives [${dims}], not [${opCase.type.shape}]`)
    return data as NumberArray
  })
}

const prefix = (index: number) => `case${index}.`
const outputName = (index: number) => `${prefix(index)}output`

function writeModel(cases: readonly OpCase[]): Uint8Array {
  const builder = new GraphBuilder()
  const outputs = cases.map(({ op, values, call }, c) => {
    const inputs = values.map(({ type: { shape, dtype } }, i) =>
      builder.input(`${prefix(c)}${inputName(i)}`, shape, 'batch', dtype),
    )
    return [outputName(c), builder.op(op, inputs, call.attrs)] as const
  })
  return encodeModel(lowerGraph(builder.build(), { outputs: Object.fromEntries(outputs) })).bytes
}
