import * as node from 'onnxruntime-node'
import * as web from 'onnxruntime-web'
import type { NumberArray } from '../../src/core/dtype.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { encodeModel, lowerGraph } from '../../src/onnx/lower/index.ts'
import { inputName, type OpCase } from './op-case.ts'

/** The values of a file by name, or its inputs. */
export type Values = Readonly<Record<string, { readonly dims: readonly number[]; readonly data: NumberArray }>>
/** Runs an ONNX file. */
export type RunFile = (bytes: Uint8Array, inputs: Values) => Promise<Values>

/** With the execution provider, always named: two runtimes in one process answer for one another otherwise. */
const runnerOf =
  (ort: typeof web | typeof node, provider: 'wasm' | 'cpu'): RunFile =>
  async (bytes, inputs) => {
    const options = { executionProviders: [provider], logSeverityLevel: 3 } as const
    const session = await ort.InferenceSession.create(bytes, options)
    const read = Object.entries(inputs).filter(([name]) => session.inputNames.includes(name))
    const feeds = read.map(([name, { dims, data }]) => [name, new ort.Tensor(data as Float32Array, dims)])
    const results = await session.run(Object.fromEntries(feeds))
    await session.release()
    return results as unknown as Values
  }

web.env.wasm.numThreads = 1

/** ONNX Runtime in this process. */
export const runFile: Readonly<Record<'node' | 'web', RunFile>> = {
  node: runnerOf(node, 'cpu'),
  web: runnerOf(web, 'wasm'),
}

/** The output of each case, computed by ONNX Runtime from the op's lowering; all cases are one model. */
export async function runOnnx(cases: readonly OpCase[], run: RunFile): Promise<NumberArray[]> {
  const inputs = cases.flatMap(({ values }, c) =>
    values.map(({ type: { shape }, data }, i) => {
      const given = data instanceof Int32Array ? data : Float32Array.from(data)
      return [`${prefix(c)}${inputName(i)}`, { dims: shape, data: given }] as const
    }),
  )
  const results = await run(writeModel(cases), Object.fromEntries(inputs))
  return cases.map(({ type: { shape } }, c) => {
    const { dims, data } = results[outputName(c)]
    if (dims.join() !== shape.join()) throw new Error(`ONNX gives [${dims}], not [${shape}]`)
    return data
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
