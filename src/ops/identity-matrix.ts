import { sizeOf } from '../core/shape.ts'
import { defineOp, float, requireInputs } from './define.ts'
import { none } from './shared/axes.ts'

// y[i, j] = 1 where i = j, 0 elsewhere        y [rows, width]: one-hot vectors as a table

interface MatrixAttrs {
  readonly rows: number
  readonly width: number
}

export const identityMatrix = defineOp<'identity-matrix', MatrixAttrs>({
  name: 'identity-matrix',
  formula: 'y[i, j] = [i = j]',
  infer(inputs, { rows, width }) {
    requireInputs('identity-matrix', inputs, 'no inputs', inputs.length === 0)
    return float([rows, width])
  },
  forward(out, _, { attrs: { width } }) {
    for (let i = 0; i < out.length; i++) out[i] = Math.floor(i / width) === i % width ? 1 : 0
  },
  vjp: 'none',
  axes: none,
  onnx(context) {
    const value = new Float32Array(sizeOf(context.shape))
    identityMatrix.forward(value, [], context)
    return context.node('Identity', [context.floats(value, context.shape)])
  },
  sample: (draw) => ({ inputs: [], attrs: { rows: draw.size(), width: draw.size() } }),
})
