/** The words for axes, in the field's standard terms. `query` and `key` are both positions. */
export const axes = ['batch', 'pos', 'head', 'query', 'key', 'd_model', 'd_head', 'd_mlp', 'vocab', 'scale'] as const

export type Axis = (typeof axes)[number]

/** Axes along which positions of the sequence lie; semantic words such as `last` and `labels` work on them. */
export function isPositionAxis(axis: Axis): boolean {
  return axis === 'pos' || axis === 'query' || axis === 'key'
}
