export interface RotaryAttrs {
  readonly base: number
  /** Turns back: negates every angle. */
  readonly inverse: boolean
  /** Which position each row is; default 0, 1, 2, … */
  readonly positions?: readonly number[]
  /** Pairs are one dimension of each half rather than neighbours. */
  readonly halves?: true
  /** How many dimensions turn, the first ones; default all. */
  readonly dims?: number
}

/** In which pair a dimension turns, of `turning` that do; whether it is its first, and how far apart the two are. */
export function pairOf({ halves }: RotaryAttrs, dim: number, turning: number) {
  if (!halves) return { pair: Math.floor(dim / 2), first: dim % 2 === 0, apart: 1 }
  const half = turning / 2
  return { pair: dim % half, first: dim < half, apart: half }
}

/** The angle by which a pair turns at a row. */
export function angleOf(attrs: RotaryAttrs, row: number, pair: number, turning: number): number {
  return (attrs.positions?.[row] ?? row) * stepOf(attrs, pair, turning)
}

/** The angle by which a pair turns from one position to the next. */
export function stepOf({ base, inverse }: RotaryAttrs, pair: number, turning: number): number {
  const theta = base ** ((-2 * pair) / turning)
  return inverse ? -theta : theta
}
