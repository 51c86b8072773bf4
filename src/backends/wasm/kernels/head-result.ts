import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'
import { matmulScratch, matmulTransposedAScratch } from './matmul-scratch.ts'
import { perHead } from './per-head.ts'

const headResult: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dHead]] }) => matmulScratch(batch * pos, dHead),
  bind({ matmul }, { out, inputs: [z, w], scratch }, { inputs: [[, , , dHead]], shape: [batch, pos, heads, dModel] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const buffers = { out: { at: out, step: dModel }, a: { at: z, step: dHead }, b: { at: w, step: dHead * dModel } }
    return perHead(heads, buffers, (y, a, b) =>
      matmul(y, heads * dModel, a, width, b, dModel, 0, 0, rows, dHead, dModel, scratch),
    )
  },
}

const headResultVjpZ: Kernel = {
  scratch: ({ inputs: [[batch, pos, , dModel]] }) => matmulScratch(batch * pos, dModel),
  bind({ matmul }, { out, inputs: [g, w], scratch }, { inputs: [[, , , dModel]], shape: [batch, pos, heads, dHead] }) {
    const [rows, width] = [batch * pos, heads * dHead]
    const buffers = { out: { at: out, step: dHead }, a: { at: g, step: dModel }, b: { at: w, step: dHead * dModel } }
    return perHead(heads, buffers, (dz, a, b) =>
      matmul(dz, width, a, heads * dModel, b, dModel, 1, 0, rows, dModel, dHead, scratch),
    )
  },
}

const headResultVjpWeight: Kernel = {
  scratch: ({ inputs: [z], shape: [, dModel] }) => matmulTransposedAScratch(sizeOf(z.slice(0, 2)), dModel),
  bind({ matmulTransposedA }, { out, inputs: [z, g], scratch }, { inputs: [[batch, pos, heads, dHead]], shape }) {
    const [rows, width, dModel] = [batch * pos, heads * dHead, shape[1]]
    const buffers = { out: { at: out, step: dHead * dModel }, a: { at: z, step: dHead }, b: { at: g, step: dModel } }
    return perHead(heads, buffers, (dw, a, b) =>
      matmulTransposedA(dw, dModel, a, width, b, heads * dModel, rows, dHead, dModel, scratch),
    )
  },
}

export const headResultKernels = {
  'head-result': headResult,
  'head-result.vjp.z': headResultVjpZ,
  'head-result.vjp.weight': headResultVjpWeight,
}
