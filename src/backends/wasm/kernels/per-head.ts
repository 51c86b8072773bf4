import { FLOAT_BYTES } from './matmul-scratch.ts'

/** A buffer in which each head has columns of its own: where the first begin, and how many floats later the next. */
interface Columns {
  readonly at: number
  readonly step: number
}

/** A matrix product for each head, over columns that lie among those of the other heads. */
export function perHead(
  heads: number,
  buffers: { readonly out: Columns; readonly a: Columns; readonly b: Columns },
  product: (out: number, a: number, b: number) => void,
): () => void {
  const { out, a, b } = buffers
  const [outStep, aStep, bStep] = [out, a, b].map(({ step }) => step * FLOAT_BYTES)
  return () => {
    for (let h = 0; h < heads; h++) product(out.at + h * outStep, a.at + h * aStep, b.at + h * bStep)
  }
}
