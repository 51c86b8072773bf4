import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

const normScale: Kernel<{ readonly eps: number; readonly center: boolean }> = {
  bind({ normScale }, { out, inputs: [x] }, { attrs: { eps, center }, inputs: [from] }) {
    const [rows, width] = rowsAndWidth(from)
    const centered = Number(center)
    return () => normScale(out, x, rows, width, eps, centered)
  },
}

const normScaleVjp: Kernel<{ readonly center: boolean }> = {
  bind({ normScaleVjp }, { out, inputs: [x, scale, g] }, { attrs: { center }, shape }) {
    const [rows, width] = rowsAndWidth(shape)
    const centered = Number(center)
    return () => normScaleVjp(out, x, scale, g, rows, width, centered)
  },
}

export const normScaleKernels = { 'norm-scale': normScale, 'norm-scale.vjp': normScaleVjp }
