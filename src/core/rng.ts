import { check, integer } from './check.ts'
import type { FloatArray } from './dtype.ts'
import { cosSinOfWord, logOfWord } from './exact-math.ts'
import { mulHigh, philoxBlock } from './philox.ts'

/**
 * One number per purpose, the second half of the key: two purposes never share random words, even with equal seeds.
 * Append only: the number is part of the meaning of a seed.
 */
export const streams = {
  init: 0,
  data: 1,
  evaluation: 2,
  split: 3,
  features: 4,
  noise: 5,
  resample: 6,
  mix: 7,
  pool: 8,
} as const

/**
 * Random numbers by address. A number depends on the key (seed, stream) and its counter (step, tensor, element) and on
 * nothing else: not on what was drawn before, so any element of any tensor of any step can be had alone and in any
 * order. Counters are unsigned 32-bit (larger ones wrap).
 *
 * `below` and `truncatedNormal` reject; they then look at the next sub-counter of the same address, so they keep that
 * promise too. Use an address for one kind of number only: all kinds are made from the same words.
 */
export interface Rng {
  readonly seed: number
  readonly stream: number
  uint32(step: number, tensor: number, element: number): number
  /** In [0, 1), a multiple of 2^-32. */
  uniform(step: number, tensor: number, element: number): number
  /** An integer in [0, n), exactly uniform; `n` from 1 to 2^32 is not checked. */
  below(n: number, step: number, tensor: number, element: number): number
  /** Standard normal by Box-Muller; elements 2i and 2i + 1 are cosine and sine of one pair. At most 6.76 from 0. */
  normal(step: number, tensor: number, element: number): number
  /** Standard normal, given that it lies in [-2, 2]; its variance is 0.7737. */
  truncatedNormal(step: number, tensor: number, element: number): number
  /** The integers 0..n-1 in uniformly random order. */
  permutation(n: number, step: number, tensor: number): Int32Array
  /** `out[i] = uniform(step, tensor, i)`; gives `out`. */
  fillUniform<Out extends FloatArray>(out: Out, step: number, tensor: number): Out
  /** `out[i] = normal(step, tensor, i)`; gives `out`. */
  fillNormal<Out extends FloatArray>(out: Out, step: number, tensor: number): Out
  /** `out[i] = truncatedNormal(step, tensor, i)`; gives `out`. */
  fillTruncatedNormal<Out extends FloatArray>(out: Out, step: number, tensor: number): Out
}

/** The words of one key, the last block kept: neighbours in one block of four cost one computation. */
function wordSource(seed: number, stream: number) {
  const words = new Uint32Array(4)
  let lastBlock = -1
  let lastTensor = -1
  let lastStep = -1
  let lastAttempt = -1
  /** The block that holds `element`; valid until the next call. */
  return (step: number, tensor: number, element: number, attempt: number): Uint32Array => {
    const block = element >>> 2
    if (block !== lastBlock || tensor !== lastTensor || step !== lastStep || attempt !== lastAttempt) {
      philoxBlock(words, seed, stream, block, tensor, step, attempt)
      lastBlock = block
      lastTensor = tensor
      lastStep = step
      lastAttempt = attempt
    }
    return words
  }
}

/** An integer in [0, n) by multiply and reject (Lemire, "Fast random integer generation in an interval", 2019). */
function belowFrom(load: ReturnType<typeof wordSource>) {
  return (n: number, step: number, tensor: number, element: number): number => {
    for (let attempt = 0; ; attempt++) {
      const word = load(step, tensor, element, attempt)[element & 3]
      if (n > 0xffffffff) return word
      const low = Math.imul(word, n) >>> 0
      if (low >= n || low >= 0x100000000 % n) return mulHigh(word, n) >>> 0
    }
  }
}

/** Writes one Box-Muller pair to `pair`. */
function normalPair(pair: Float64Array, radiusWord: number, angleWord: number): void {
  const radius = Math.sqrt(-2 * logOfWord(radiusWord))
  cosSinOfWord(angleWord, pair)
  pair[0] *= radius
  pair[1] *= radius
}

/**
 * The random numbers of one key, by Philox4x32-10. The same bits on every engine: no `Math.log`, no `Math.cos`.
 *
 * @throws OpsinError `VALUE` when `seed` or `stream` is not an unsigned 32-bit integer.
 */
export function philox(seed: number, stream: number): Rng {
  check('philox: seed', seed, integer(0))
  check('philox: stream', stream, integer(0))
  const load = wordSource(seed, stream)
  const below = belowFrom(load)
  const pair = new Float64Array(2)

  const normalAt = (step: number, tensor: number, element: number, attempt: number): number => {
    const words = load(step, tensor, element, attempt)
    normalPair(pair, words[element & 2], words[(element & 2) + 1])
    return pair[element & 1]
  }
  const rng: Rng = {
    seed,
    stream,
    uint32: (step, tensor, element) => load(step, tensor, element, 0)[element & 3],
    uniform: (step, tensor, element) => load(step, tensor, element, 0)[element & 3] / 0x100000000,
    below,
    normal: (step, tensor, element) => normalAt(step, tensor, element, 0),
    truncatedNormal(step, tensor, element) {
      for (let attempt = 0; ; attempt++) {
        const value = normalAt(step, tensor, element, attempt)
        if (value >= -2 && value <= 2) return value
      }
    },
    permutation(n, step, tensor) {
      const order = Int32Array.from({ length: n }, (_, i) => i)
      for (let last = n - 1; last > 0; last--) {
        const other = below(last + 1, step, tensor, last)
        const moved = order[last]
        order[last] = order[other]
        order[other] = moved
      }
      return order
    },
    fillUniform(out, step, tensor) {
      for (let i = 0; i < out.length; i++) out[i] = rng.uniform(step, tensor, i)
      return out
    },
    fillNormal(out, step, tensor) {
      for (let i = 0; i < out.length; i += 2) {
        out[i] = normalAt(step, tensor, i, 0)
        if (i + 1 < out.length) out[i + 1] = pair[1]
      }
      return out
    },
    fillTruncatedNormal(out, step, tensor) {
      for (let i = 0; i < out.length; i++) out[i] = rng.truncatedNormal(step, tensor, i)
      return out
    },
  }
  return rng
}
