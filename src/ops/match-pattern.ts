import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { exp } from '../core/exact-math.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { loops } from './shared/axes.ts'
import { lowerOntoLabels } from './shared/label-tokens.ts'
import { FLOAT } from './shared/onnx.ts'

// Tokens are exemplar, label, exemplar, label, …, query: label i of P stands at position 2i + 1 of 2P + 1.
// pattern[b, 2i + 1] = softmax_i(cos(exemplars[b, i], exemplars[b, P]) / temperature), 0 on exemplars; the query is
// the last exemplar. At temperature 0: 1 at every maximum, so ties get 1 each.
//                                          exemplars [batch, P + 1, feature], pattern [batch, 1, 1, 2P + 1]
// Perfect matching in input space: Singh et al. 2024 (arXiv 2404.07129), the `match_heads` clamp.

interface MatchAttrs {
  readonly temperature: number
}

/** A zero exemplar has no direction; with this floor under the norms its cosine is 0. */
const TINY = 1e-30

export const matchPattern = defineOp({
  name: 'match-pattern',
  formula:
    'pattern[b, 2i+1] = softmax_i(cos(exemplars[b, i], exemplars[b, P]) / temperature); temperature 0: 1 at every maximum; 0 on exemplars',
  infer(inputs, { temperature }: MatchAttrs) {
    const [exemplars] = inputs
    const fits = inputs.length === 1 && exemplars.shape.length === 3 && exemplars.shape[1] >= 2
    requireInputs('match-pattern', inputs, 'exemplars [batch, P + 1, feature] with P ≥ 1', fits)
    if (!(temperature >= 0)) {
      throw new OpsinError('VALUE', {
        where: 'match-pattern',
        expected: 'a temperature of at least 0',
        got: String(temperature),
      })
    }
    const [batch, count] = exemplars.shape
    return float([batch, 1, 1, 2 * count - 1])
  },
  forward(out, [exemplars], { attrs: { temperature }, inputs: [[batch, count, features]] }) {
    const [pairs, length] = [count - 1, 2 * count - 1]
    for (let b = 0; b < batch; b++) {
      const cosines = Array.from({ length: pairs }, (_, i) =>
        cosine(exemplars, (b * count + i) * features, (b * count + pairs) * features, features),
      )
      const max = Math.max(...cosines)
      const weights = cosines.map((c) => (temperature === 0 ? Number(c === max) : exp((c - max) / temperature)))
      const total = temperature === 0 ? 1 : weights.reduce((sum, weight) => sum + weight, 0)
      for (let position = 0; position < length; position += 2) out[b * length + position] = 0
      for (let i = 0; i < pairs; i++) out[b * length + 2 * i + 1] = weights[i] / total
    }
  },
  vjp: 'none',
  axes: loops('b * * -> b * * *'),
  onnx(context) {
    const {
      names: [exemplars],
      attrs: { temperature },
      inputs: [[, count]],
      node,
      floats,
      int64s,
    } = context
    const part = (start: number, end: number) =>
      node('Slice', [exemplars, int64s([start], [1]), int64s([end], [1]), int64s([1], [1])])
    const [keys, query] = [part(0, count - 1), part(count - 1, count)]
    const dots = node('ReduceSum', [node('Mul', [keys, query]), int64s([2], [1])], { keepdims: 0 })
    const norm = (x: string) => node('ReduceL2', [x], { axes: [2], keepdims: 0 })
    const norms = node('Max', [node('Mul', [norm(keys), norm(query)]), floats([TINY], [])])
    const cosines = node('Div', [dots, norms])
    const weights =
      temperature === 0
        ? node('Cast', [node('Equal', [cosines, node('ReduceMax', [cosines], { axes: [1], keepdims: 1 })])], {
            to: FLOAT,
          })
        : node('Softmax', [node('Div', [cosines, floats([temperature], [])])], { axis: 1 })
    return lowerOntoLabels(weights, context)
  },
  sample(draw) {
    // With one feature every cosine is ±1 and a hard maximum is decided by rounding.
    const temperature = draw.pick([0, 0.3, 2])
    const features = temperature === 0 ? 2 + draw.size(7) : draw.size()
    return { inputs: [{ shape: [draw.size(4), 1 + draw.size(5), features] }], attrs: { temperature } }
  },
})

function cosine(x: NumberArray, a: number, b: number, length: number): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < length; i++) {
    dot += x[a + i] * x[b + i]
    aa += x[a + i] ** 2
    bb += x[b + i] ** 2
  }
  return dot / Math.max(Math.sqrt(aa) * Math.sqrt(bb), TINY)
}
