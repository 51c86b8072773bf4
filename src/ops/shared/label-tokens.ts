import type { OnnxContext } from '../define.ts'

/**
 * Weights of P label tokens as a row over the 2P + 1 tokens exemplar, label, exemplar, label, …, query:
 * [batch, P] → [batch, 1, 1, 2P + 1], 0 on exemplars.
 */
export function lowerOntoLabels(
  weights: string,
  { node, int64s }: Pick<OnnxContext<unknown>, 'node' | 'int64s'>,
): string {
  const column = node('Unsqueeze', [weights, int64s([2], [1])])
  const pairs = node('Pad', [column, int64s([0, 0, 1, 0, 0, 0], [6])])
  const context = node('Reshape', [node('Unsqueeze', [pairs, int64s([1], [1])]), int64s([0, 0, 1, -1], [4])])
  return node('Pad', [context, int64s([0, 0, 0, 0, 0, 0, 0, 1], [8])])
}
