/** Pearson's statistic of counts against what was expected; its mean is the number of cells less one. */
export function chiSquare(counts: readonly number[], shares: readonly number[] = counts.map(() => 1 / counts.length)) {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.reduce((sum, count, i) => sum + (count - total * shares[i]) ** 2 / (total * shares[i]), 0)
}

/** What the statistic exceeds once in about 10,000 seeds (Wilson and Hilferty's approximation). */
export function chiSquareLimit(cells: number): number {
  const freedom = cells - 1
  const spread = 2 / (9 * freedom)
  return freedom * (1 - spread + 3.72 * Math.sqrt(spread)) ** 3
}

export function countsOf(values: ArrayLike<number>, cells: number): number[] {
  const counts = new Array<number>(cells).fill(0)
  for (let i = 0; i < values.length; i++) counts[values[i]]++
  return counts
}
