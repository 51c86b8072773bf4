import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { matmulScratch, matmulTransposedAScratch } from './matmul-scratch.ts'
import { perHead } from './per-head.ts'

const headLinear: Kernel = {
  scratch: ({ inputs: [[batch, pos, , nIn]] }) => matmulScratch(batch * pos, nIn),
  bind({ matmul }, { out, inputs: [x, w], scratch }, { inputs: [[batch, pos, heads, nIn]], shape: [, , , dHead] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const buffers = { out: { at: out, step: dHead }, a: { at: x, step: nIn }, b: { at: w, step: dHead } }
    return perHead(heads, buffers, (y, a, b) =>
      matmul(y, width, a, heads * nIn, b, width, 0, 0, rows, nIn, dHead, scratch),
    )
  },
}

const headLinearVjpX: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dHead]] }) => matmulScratch(batch * pos, dHead),
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [[batch, pos, heads, dHead]], shape: [, , , nIn] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const buffers = { out: { at: out, step: nIn }, a: { at: g, step: dHead }, b: { at: w, step: dHead } }
    return perHead(heads, buffers, (dx, a, b) =>
      matmul(dx, heads * nIn, a, width, b, width, 1, 0, rows, dHead, nIn, scratch),
    )
  },
}

const headLinearVjpWeight: Kernel = {
  scratch: ({ inputs: [x, [, , , dHead]] }) => matmulTransposedAScratch(sizeOf(x.slice(0, 2)), dHead),
  bind({ matmulTransposedA }, { out, inputs: [x, g], scratch }, { inputs: [[batch, pos, heads, nIn], [, , , dHead]] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const buffers = { out: { at: out, step: dHead }, a: { at: x, step: nIn }, b: { at: g, step: dHead } }
    return perHead(heads, buffers, (dw, a, b) =>
      matmulTransposedA(dw, width, a, heads * nIn, b, width, rows, nIn, dHead, scratch),
    )
  },
}

export const headLinearKernels = {
  'head-linear': headLinear,
  'head-linear.vjp.x': headLinearVjpX,
  'head-linear.vjp.weight': headLinearVjpWeight,
}
