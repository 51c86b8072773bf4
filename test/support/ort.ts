import type { Tensor } from 'opsin'

export const runtimes = ['node', 'web'] as const

/** Scores that a mask hides are of this size: they compare among themselves, and say nothing of the others. */
const MASKED = 1e19

/** The largest difference over the largest value, masked values apart; infinite for another shape. */
export function farthest(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Infinity
  const usual = Array.from(expected.data, Math.abs).filter((value) => value < MASKED)
  const scale = Math.max(1e-2, ...usual)
  return Array.from(expected.data).reduce((most, value, i) => {
    const own = Math.abs(value) < MASKED ? scale : Math.abs(value)
    const off = Math.abs(actual.data[i] - value) / own
    return Number.isNaN(off) ? Infinity : Math.max(most, off)
  }, 0)
}

/** By name, where they differ by more than a part in a hundred thousand. */
export function differences(
  actual: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Tensor>>,
): Record<string, number> {
  const far = Object.keys(expected).map((name) => [name, farthest(actual[name], expected[name])] as const)
  return Object.fromEntries(far.filter(([, off]) => !(off < 1e-5)))
}
