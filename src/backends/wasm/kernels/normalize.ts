import { rowsAndWidth } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

/** Also the gradient for x: the map is its own transpose. */
const normalize: Kernel<{ readonly center: boolean }> = {
  bind({ normalize }, { out, inputs: [x, scale] }, { attrs: { center }, shape }) {
    const [rows, width] = rowsAndWidth(shape)
    const centered = Number(center)
    return () => normalize(out, x, scale, rows, width, centered)
  },
}

const normalizeVjpScale: Kernel = {
  bind({ normalizeVjpScale }, { out, inputs: [normalized, scale, g] }, { inputs: [from] }) {
    const [rows, width] = rowsAndWidth(from)
    return () => normalizeVjpScale(out, normalized, scale, g, rows, width)
  },
}

export const normalizeKernels = {
  normalize,
  'normalize.vjp.x': normalize,
  'normalize.vjp.scale': normalizeVjpScale,
}
