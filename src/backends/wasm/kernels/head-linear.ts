import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { FLOAT_BYTES, matmulScratch, matmulTransposedAScratch } from './matmul-scratch.ts'

// A matrix product for each head, over columns of x, W and the result that lie among those of the other heads.

const headLinear: Kernel = {
  scratch: ({ inputs: [[batch, pos, , nIn]] }) => matmulScratch(batch * pos, nIn),
  bind({ matmul }, { out, inputs: [x, w], scratch }, { inputs: [[batch, pos, heads, nIn]], shape: [, , , dHead] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const [xStep, step] = [nIn, dHead].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const [to, from, own] = [out + h * step, x + h * xStep, w + h * step]
        matmul(to, width, from, heads * nIn, own, width, 0, 0, rows, nIn, dHead, scratch)
      }
    }
  },
}

const headLinearVjpX: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dHead]] }) => matmulScratch(batch * pos, dHead),
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [[batch, pos, heads, dHead]], shape: [, , , nIn] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const [outStep, step] = [nIn, dHead].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const [to, from, own] = [out + h * outStep, g + h * step, w + h * step]
        matmul(to, heads * nIn, from, width, own, width, 1, 0, rows, dHead, nIn, scratch)
      }
    }
  },
}

const headLinearVjpWeight: Kernel = {
  scratch: ({ inputs: [x, [, , , dHead]] }) => matmulTransposedAScratch(sizeOf(x.slice(0, 2)), dHead),
  bind({ matmulTransposedA }, { out, inputs: [x, g], scratch }, { inputs: [[batch, pos, heads, nIn], [, , , dHead]] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const [xStep, step] = [nIn, dHead].map((n) => n * FLOAT_BYTES)
    return () => {
      for (let h = 0; h < heads; h++) {
        const [to, a, b] = [out + h * step, x + h * xStep, g + h * step]
        matmulTransposedA(to, width, a, heads * nIn, b, width, rows, nIn, dHead, scratch)
      }
    }
  },
}

export const headLinearKernels = {
  'head-linear': headLinear,
  'head-linear.vjp.x': headLinearVjpX,
  'head-linear.vjp.weight': headLinearVjpWeight,
}
