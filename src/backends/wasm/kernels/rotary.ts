import type { Kernel } from './kernel.ts'

interface RotaryAttrs {
  readonly base: number
  readonly inverse: boolean
  readonly positions?: readonly number[]
  readonly halves?: true
  readonly dims?: number
}

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
function rotations({ base, inverse, positions, halves }: RotaryAttrs, length: number, dims: number): Float32Array {
  const table = new Float32Array(2 * length * dims)
  for (let i = 0; i < length * dims; i++) {
    const [row, dim] = [Math.floor(i / dims), i % dims]
    const [pair, first] = halves ? [dim % (dims / 2), dim < dims / 2] : [Math.floor(dim / 2), dim % 2 === 0]
    const angle = (positions?.[row] ?? row) * base ** ((-2 * pair) / dims) * (inverse ? -1 : 1)
    table[i] = Math.cos(angle)
    table[length * dims + i] = Math.sin(angle) * (first ? -1 : 1)
  }
  return table
}

export const rotaryKernels = { rotary }
