import type { Kernel } from './kernel.ts'

interface RotaryAttrs {
  readonly base: number
  readonly inverse: boolean
  readonly positions?: readonly number[]
  readonly halves?: true
  readonly dims?: number
}

const rotary: Kernel<RotaryAttrs> = {
  table: ({ attrs, shape: [, length, , width] }) => ({
    key: `rotary ${attrs.base} ${attrs.inverse} ${attrs.positions ?? length} ${width}`,
    values: () => rotations(attrs, length, width),
  }),
  bind({ rotary }, { out, inputs: [x], table }, { attrs: { halves, dims }, shape: [batch, length, heads, width] }) {
    // The kernel turns neighbours, all of them.
    if (halves || dims !== undefined) return undefined
    return () => rotary(out, x, table, batch, length, heads, width)
  },
}

/** Cosines [length, width], each twice, then sines [length, width], each as −sin and sin. */
function rotations({ base, inverse, positions }: RotaryAttrs, length: number, width: number): Float32Array {
  const table = new Float32Array(2 * length * width)
  for (let i = 0; i < length * width; i += 2) {
    const [row, j] = [Math.floor(i / width), (i % width) / 2]
    const angle = (positions?.[row] ?? row) * base ** ((-2 * j) / width) * (inverse ? -1 : 1)
    table.fill(Math.cos(angle), i, i + 2)
    table[length * width + i] = -Math.sin(angle)
    table[length * width + i + 1] = Math.sin(angle)
  }
  return table
}

export const rotaryKernels = { rotary }
