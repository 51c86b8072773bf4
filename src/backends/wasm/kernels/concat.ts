import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { FLOAT_BYTES } from './matmul-scratch.ts'

const concat: Kernel = {
  bind({ copyColumns }, { out, inputs }, { inputs: shapes, shape }) {
    const [rows, outWidth] = rowsAndWidth(shape)
    const widths = shapes.map((from) => rowsAndWidth(from)[1])
    return () => {
      let to = out
      for (let i = 0; i < widths.length; i++) {
        copyColumns(to, outWidth, inputs[i], rows, widths[i])
        to += widths[i] * FLOAT_BYTES
      }
    }
  },
}

export const concatKernels = { concat }
