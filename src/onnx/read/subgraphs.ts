import type { GraphProto, TensorProto } from 'onnx-buf'

/** A graph with its own tensors, those of attributes among them. */
export interface OwnTensors {
  readonly graph: GraphProto
  readonly tensors: readonly TensorProto[]
}

/** A graph, and all that are inside of it (the branches of an If, the body of a Loop): how deep they may be, decoding limits. */
export function allGraphs(graph: GraphProto): OwnTensors[] {
  const attributes = graph.node.flatMap(({ attribute }) => attribute)
  const sparse = [
    ...graph.sparseInitializer,
    ...attributes.flatMap((one) => [...one.sparseTensors, one.sparseTensor ?? []]),
  ]
  const tensors = [
    ...graph.initializer,
    ...attributes.flatMap((one) => [...one.tensors, one.t ?? []]).flat(),
    ...sparse
      .flat()
      .flatMap(({ values, indices }) => [values ?? [], indices ?? []])
      .flat(),
  ]
  const inner = attributes.flatMap(({ g, graphs }) => [...(g === undefined ? [] : [g]), ...graphs])
  return [{ graph, tensors }, ...inner.flatMap(allGraphs)]
}
