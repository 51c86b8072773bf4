import { angleOf, pairOf, type RotaryAttrs } from '../../../ops/shared/rotation.ts'
import type { Kernel } from './kernel.ts'

const rotary: Kernel<RotaryAttrs> = {
  table: ({ attrs, shape: [, length, , width] }) => {
    const { base, inverse, positions, halves = false, dims = width } = attrs
    return {
      key: `rotary ${base} ${inverse} ${positions ?? length} ${halves} ${dims}`,
      values: () => rotations(attrs, length, dims),
    }
  },
  bind({ rotary }, { out, inputs: [x], table }, { attrs, shape: [batch, length, heads, width] }) {
    const { dims = width } = attrs
    const halves = Number(attrs.halves === true)
    return () => rotary(out, x, table, batch, length, heads, width, dims, halves)
  },
}

/** Cosines [length, dims], then sines [length, dims]: one for each dimension, the sine of the first of a pair as −sin. */
function rotations(attrs: RotaryAttrs, length: number, dims: number): Float32Array {
  const table = new Float32Array(2 * length * dims)
  for (let i = 0; i < length * dims; i++) {
    const { pair, first } = pairOf(attrs, i % dims, dims)
    const theta = angleOf(attrs, Math.floor(i / dims), pair, dims)
    table[i] = Math.cos(theta)
    table[length * dims + i] = Math.sin(theta) * (first ? -1 : 1)
  }
  return table
}

export const rotaryKernels = { rotary }
