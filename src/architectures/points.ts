// The forms that hook points of a transformer have. Shapes: q, k, v, z [batch, pos, head, d_head]; scores, pattern
// [batch, head, query, key]; residuals [batch, pos, d_model].

/** A value per token: the residual stream, and what is added to it. */
export function perToken(width: number) {
  return { axes: ['batch', 'pos', 'd_model'], sizes: { d_model: width } } as const
}

/** A value per token and head. */
export function perHead(heads: number, dHead: number) {
  return { axes: ['batch', 'pos', 'head', 'd_head'], sizes: { head: heads, d_head: dHead } } as const
}

/** The output of each head, in the dimensions of the residual stream. */
export function perHeadResult(heads: number, width: number) {
  return { axes: ['batch', 'pos', 'head', 'd_model'], sizes: { head: heads, d_model: width } } as const
}

/** An attention matrix per head. */
export function perEdge(heads: number, hidden: number) {
  return { axes: ['batch', 'head', 'query', 'key'], sizes: { head: heads }, hidden } as const
}

/** The hidden values of an MLP. */
export function hiddenUnits(width: number) {
  return { axes: ['batch', 'pos', 'd_mlp'], sizes: { d_mlp: width } } as const
}

/** The divisor of a norm. */
export const normScale = { axes: ['batch', 'pos', 'scale'], sizes: { scale: 1 } } as const

/** The predictions of a read-out. One at the last position leaves a `pos` axis of size 1. */
export function predictions(outputs: number) {
  return { axes: ['batch', 'pos', 'vocab'], sizes: { vocab: outputs } } as const
}

/** A single number. */
export const scalar = { axes: [] } as const

/**
 * The forms of hook points, for the parts that declare them: `perToken(width)`, `perHead(heads, dHead)`, `perHeadResult`,
 * `perEdge(heads, hidden)`, `hiddenUnits(width)`, `normScale`, `predictions(outputs)`, `scalar`.
 *
 * @example
 * import { points } from 'opsin/extend'
 * console.assert(points.perHead(2, 4).axes.join() === 'batch,pos,head,d_head')
 */
export const points = {
  perToken,
  perHead,
  perHeadResult,
  perEdge,
  hiddenUnits,
  normScale,
  predictions,
  scalar,
} as const
