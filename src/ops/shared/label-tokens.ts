import type { OnnxContext } from '../define.ts'

/**
 * Weights of P label tokens as a row over the 2P + 1 tokens exemplar, label, exemplar, label, …, query:
 * [batch, P] → [batch, 1, 1, 2P + 1], 0 on exemplars.
 */
export function lowerOntoLabels(
  weights: string,
  batch: number,
  pairs: number,
  { node, floats, int64s }: Pick<OnnxContext<unknown>, 'node' | 'floats' | 'int64s'>,
): string {
  const column = node('Unsqueeze', [weights, int64s([2], [1])])
  const exemplars = floats(new Float64Array(batch * pairs), [batch, pairs, 1])
  const tokens = node('Concat', [exemplars, column], { axis: 2 })
  const context = node('Reshape', [tokens, int64s([batch, 1, 1, 2 * pairs], [4])])
  const query = floats(new Float64Array(batch), [batch, 1, 1, 1])
  return node('Concat', [context, query], { axis: 3 })
}
