import type { GraphProto, TensorProto } from 'onnx-buf'
import { OpsinError } from '../../core/errors.ts'

/** The deepest that graphs may be inside of one another (the branches of an If, the body of a Loop). */
const DEEPEST = 32

/** A graph with its own tensors, those of attributes among them. */
export interface OwnTensors {
  readonly graph: GraphProto
  readonly tensors: readonly TensorProto[]
}

/** A graph, and all that are inside of it. @throws OpsinError `FORMAT` for more of them inside of one another than anybody needs. */
export function allGraphs(graph: GraphProto, where: string, depth = 0): OwnTensors[] {
  if (depth > DEEPEST) {
    const expected = `graphs at most ${DEEPEST} deep inside of one another`
    throw new OpsinError('FORMAT', { where, expected, got: 'more' })
  }
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
  return [{ graph, tensors }, ...inner.flatMap((one) => allGraphs(one, where, depth + 1))]
}
