import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

/** As in the op. */
const EPS = 1e-6

const clipFactor: Kernel<{ readonly largest: number }> = {
  bind({ clipFactor, sumOfSquares }, { out, inputs }, { attrs: { largest }, inputs: shapes }) {
    const sizes = shapes.map(sizeOf)
    return () => {
      let squares = 0
      for (let i = 0; i < sizes.length; i++) squares += sumOfSquares(inputs[i], sizes[i])
      clipFactor(out, squares, largest, EPS)
    }
  },
}

export const clipFactorKernels = { 'clip-factor': clipFactor }
