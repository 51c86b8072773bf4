import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { FLOAT_BYTES, matmulScratch, matmulTransposedAScratch } from './matmul-scratch.ts'

// A matrix product for each head, over columns of z and of the result that lie among those of the other heads.

const headResult: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dHead]] }) => matmulScratch(batch * pos, dHead),
  bind({ matmul }, { out, inputs: [z, w], scratch }, { inputs: [[, , , dHead]], shape: [batch, pos, heads, dModel] }) {
    const rows = batch * pos
    const [zStride, outStride] = [heads * dHead, heads * dModel]
    const [zStep, wStep, outStep] = [dHead, dHead * dModel, dModel].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const from = w + h * wStep
        matmul(out + h * outStep, outStride, z + h * zStep, zStride, from, dModel, 0, 0, rows, dHead, dModel, scratch)
      }
    }
  },
}

const headResultVjpZ: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dModel]] }) => matmulScratch(batch * pos, dModel),
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [[, , , dModel]], shape: [batch, pos, heads, dHead] }) {
    const rows = batch * pos
    const [gStride, outStride] = [heads * dModel, heads * dHead]
    const [gStep, wStep, outStep] = [dModel, dHead * dModel, dHead].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const from = w + h * wStep
        matmul(out + h * outStep, outStride, g + h * gStep, gStride, from, dModel, 1, 0, rows, dModel, dHead, scratch)
      }
    }
  },
}

const headResultVjpWeight: Kernel = {
  scratch: ({ inputs: [z], shape: [, dModel] }) => matmulTransposedAScratch(sizeOf(z.slice(0, 2)), dModel),
  bind({ matmulTransposedA }, { out, inputs: [z, g], scratch }, { inputs: [[batch, pos, heads, dHead]], shape }) {
    const [rows, dModel] = [batch * pos, shape[1]]
    const [zStride, gStride] = [heads * dHead, heads * dModel]
    const [zStep, gStep, outStep] = [dHead, dModel, dHead * dModel].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const a = z + h * zStep
        const b = g + h * gStep
        matmulTransposedA(out + h * outStep, dModel, a, zStride, b, gStride, rows, dHead, dModel, scratch)
      }
    }
  },
}

export const headResultKernels = {
  'head-result': headResult,
  'head-result.vjp.z': headResultVjpZ,
  'head-result.vjp.weight': headResultVjpWeight,
}
