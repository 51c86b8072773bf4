/** The largest change of an element. */
export function largestDifference(before: ArrayLike<number>, after: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < before.length; i++) largest = Math.max(largest, Math.abs(after[i] - before[i]))
  return largest
}
