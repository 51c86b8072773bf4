import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'

// pattern[query, key] = strength at key = query − 1, 1 − strength at key = query, 0 elsewhere; row 0 attends itself with 1
//                                                                                       pattern [1, 1, length, length]
// What a previous-token head would do: Singh et al. 2024 (arXiv 2404.07129), the clamp of layer-1 heads.

interface PreviousTokenAttrs {
  /** Number of positions. */
  readonly length: number
  /** Mass on the previous token; the rest stays on the token itself. */
  readonly strength: number
}

export const previousTokenPattern = defineOp({
  name: 'previous-token-pattern',
  formula: 'pattern[query, key] = strength [key = query − 1] + (1 − strength) [key = query], pattern[0, 0] = 1',
  infer(inputs, { length }: PreviousTokenAttrs) {
    requireInputs('previous-token-pattern', inputs, 'no inputs', inputs.length === 0)
    if (!Number.isInteger(length) || length < 1) {
      throw new OpsinError('VALUE', {
        where: 'previous-token-pattern',
        expected: 'a length of at least 1',
        got: String(length),
      })
    }
    return float([1, 1, length, length])
  },
  forward(out, _, { attrs }) {
    fill(out, attrs)
  },
  vjp: 'none',
  axes: none,
  onnx({ attrs, shape, floats }) {
    const values = new Float64Array(attrs.length ** 2)
    fill(values, attrs)
    return floats(values, shape)
  },
  sample: (draw) => ({ inputs: [], attrs: { length: draw.size(), strength: draw.number(0, 1) } }),
})

function fill(out: NumberArray, { length, strength }: PreviousTokenAttrs): void {
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < length; key++) {
      const rest = query === 0 ? 1 : 1 - strength
      out[query * length + key] = key === query ? rest : key === query - 1 ? strength : 0
    }
  }
}
