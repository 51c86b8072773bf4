/** Arithmetic of matmuls, counted as 2 · m · n · k; everything else is small beside them and counts as none. */

const size = (shape) => shape.reduce((product, n) => product * n, 1)

/** A linear map of all rows of `rows` by a matrix. */
const map = (rows, [nIn, nOut]) => (2 * size(rows) * nIn * nOut) / rows[rows.length - 1]

const byOp = {
  linear: ([x, w]) => map(x, w),
  'linear.vjp.x': ([g, w]) => map(g, w),
  'linear.vjp.weight': ([x], w) => map(x, w),
  'attention-scores': ([q], out) => 2 * size(out) * q[q.length - 1],
  'attention-mix': ([pattern, v]) => 2 * size(pattern) * v[v.length - 1],
}

export function flopsOf(op, inputs, shape) {
  return byOp[op]?.(inputs, shape) ?? 0
}

/**
 * What a training step takes when nothing is left out: three times the forward matmuls (values, gradients of inputs,
 * gradients of weights). The same for everyone, so a rewrite that saves work shows as a higher rate.
 */
export function flopsOfStep({ model, task, batch }) {
  const { layers, dModel: d, mlpRatio = 0, inputs } = model
  const fewShot = task.kind === 'few-shot'
  const length = fewShot ? 5 : task.length
  const tokens = batch * length
  const block = tokens * (4 + 2 * mlpRatio) * d * d + 2 * tokens * length * d
  const embedding = fewShot ? batch * 3 * inputs.features * d : 0
  const unembedding = (fewShot ? batch * inputs.labels : tokens * inputs.vocab) * d
  return 3 * 2 * (layers * block + embedding + unembedding)
}
