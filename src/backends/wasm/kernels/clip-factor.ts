import { sizeOf } from '../../../core/shape.ts'
import { CLIP_EPS } from '../../../ops/shared/optimizer.ts'
import type { Kernel } from './kernel.ts'

const clipFactor: Kernel<{ readonly largest: number }> = {
  bind({ clipFactor, sumOfSquares }, { out, inputs }, { attrs: { largest }, inputs: shapes }) {
    const sizes = shapes.map(sizeOf)
    return () => {
      let squares = 0
      for (let i = 0; i < sizes.length; i++) squares += sumOfSquares(inputs[i], sizes[i])
      clipFactor(out, squares, largest, CLIP_EPS)
    }
  },
}

export const clipFactorKernels = { 'clip-factor': clipFactor }
