import { create } from '@bufbuild/protobuf'
import { ValueInfoProtoSchema } from 'onnx-buf'
import { unknownName } from '../../core/nearest.ts'
import type { ReadModel } from './read-model.ts'

/**
 * Makes values in between outputs as well.
 *
 * @throws OpsinError `NAME` for one that the file does not compute, with the nearest.
 */
export function exposeValues({ graph }: ReadModel, names: readonly string[], where: string): void {
  const outputs = new Set(graph.output.map(({ name }) => name))
  const computed = new Set(graph.node.flatMap(({ output }) => output))
  for (const name of names) {
    if (outputs.has(name)) continue
    if (!computed.has(name))
      throw unknownName(where, 'a value that this file computes', name, [...computed, ...outputs])
    const described = graph.valueInfo.find((value) => value.name === name)
    graph.output.push(described ?? create(ValueInfoProtoSchema, { name }))
    outputs.add(name)
  }
}
