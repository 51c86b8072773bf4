import { OpsinError } from '../core/errors.ts'
import { philox } from '../core/rng.ts'
import { show } from '../core/show.ts'

/** The random numbers of one sequence, in the order in which they are asked for. */
export interface Draws {
  /** In [0, 1), a multiple of 2^-32. */
  uniform(): number
  /** An integer in [0, n), exactly uniform; `n` from 1 to 2^32. */
  below(n: number): number
  /** Standard normal. */
  normal(): number
  /** `count` different integers below `n`, all such lists equally likely. */
  distinct(count: number, n: number): Int32Array
  /** Puts a list into uniformly random order, in place, and returns it. */
  shuffle<List extends Int32Array | Float32Array | Float64Array | unknown[]>(list: List): List
}

/** Starts the random numbers of a row of a step again; they are always the same. */
export type DrawsAt = (step: number, row: number) => Draws

/**
 * The numbers of every row of every step of a stream. They share one object: those of a row end where another row's
 * begin.
 */
export function drawsOf(seed: number, stream: number): DrawsAt {
  const rng = philox(seed, stream)
  let step = 0
  let row = 0
  let drawn = 0
  // Box-Muller makes two normal numbers of two words; these words may have no other use.
  let hasSecondNormal = false
  const next = (): number => {
    if (hasSecondNormal) drawn++
    hasSecondNormal = false
    return drawn++
  }
  const draws: Draws = {
    uniform: () => rng.uniform(step, row, next()),
    below(n) {
      if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 32)) throw misfit('below', 'an integer from 1 to 2^32', n)
      return rng.below(n, step, row, next())
    },
    normal() {
      if (!hasSecondNormal) drawn += drawn & 1
      hasSecondNormal = !hasSecondNormal
      return rng.normal(step, row, drawn++)
    },
    distinct(count, n) {
      if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 32)) throw misfit('distinct: n', 'an integer from 1 to 2^32', n)
      const fits = Number.isInteger(count) && count >= 0 && count <= n
      if (!fits) throw misfit('distinct: count', `an integer from 0 to ${n}`, count)
      return drawDistinct(count, n, draws)
    },
    shuffle(list) {
      for (let last = list.length - 1; last > 0; last--) {
        const other = draws.below(last + 1)
        const moved = list[last]
        list[last] = list[other]
        list[other] = moved
      }
      return list
    },
  }
  return (...address) => {
    ;[step, row] = address
    drawn = 0
    hasSecondNormal = false
    return draws
  }
}

/** Fisher and Yates's shuffle of 0..n-1, no further than it is needed; `moved` holds the places that are not themselves. */
function drawDistinct(count: number, n: number, draws: Draws): Int32Array {
  const moved = new Map<number, number>()
  return Int32Array.from({ length: count }, (_, place) => {
    const other = place + draws.below(n - place)
    const value = moved.get(other) ?? other
    moved.set(other, moved.get(place) ?? place)
    return value
  })
}

function misfit(name: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', { where: `draw.${name}`, expected, got: show(got) })
}
