import { belowOne, check, integer } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { philox, streams } from '../core/rng.ts'
import { show } from '../core/show.ts'

/** The labels of one context, in rising order. */
export type LabelSet = readonly number[]

/** More sets than this are not worth listing. */
const maxSets = 1_000_000

function binomial(n: number, k: number): number {
  let count = 1
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i
  return Math.round(count)
}

/** All sets of `k` of the labels 0..n-1, in lexicographic order. */
function combinations(n: number, k: number): LabelSet[] {
  const found: LabelSet[] = []
  const chosen: number[] = []
  const extend = (from: number) => {
    const missing = k - chosen.length
    if (missing === 0) found.push([...chosen])
    for (let label = from; missing > 0 && label <= n - missing; label++) {
      chosen.push(label)
      extend(label + 1)
      chosen.pop()
    }
  }
  extend(0)
  return found
}

/** The listed sets, each in rising order; throws VALUE for a set of the wrong size, a label out of range, or a set listed twice. */
function checkSets(sets: readonly LabelSet[], labels: number, size: number): LabelSet[] {
  const seen = new Set<string>()
  return Array.from(sets, (set, index) => {
    const where = `fewShot: heldOutLabels[${index}]`
    const checked = Array.isArray(set) ? set.map((label) => check(where, label, integer(0, labels - 1))) : []
    const sorted = checked.sort((a, b) => a - b)
    const got = show(set)
    if (new Set(sorted).size !== size || sorted.length !== size) {
      throw new OpsinError('VALUE', {
        where,
        expected: `${size} different labels, one for each class of a context`,
        got,
      })
    }
    if (seen.has(`${sorted}`)) throw new OpsinError('VALUE', { where, expected: 'each set once', got })
    seen.add(`${sorted}`)
    return sorted
  })
}

/** A random share of all sets, in their order. */
function chooseHeldOut(all: readonly LabelSet[], share: unknown, seed: number): LabelSet[] {
  const expected = 'a share in [0, 1) or a list of label sets'
  const heldOut = check('fewShot: heldOutLabels', share, { ...belowOne, expected })
  const order = philox(seed, streams.split).permutation(all.length, 0, 0)
  const chosen = order.subarray(0, Math.round(all.length * heldOut)).sort()
  return Array.from(chosen, (index) => all[index])
}

/**
 * All sets of `size` labels, split into those for training and those held out.
 *
 * @throws OpsinError `VALUE` when there are too many sets to list, when a listed set is not one of them, or when
 *   none is left for training.
 */
export function splitLabelSets(
  labels: number,
  size: number,
  heldOut: number | readonly LabelSet[],
  seed: number,
): { readonly train: readonly LabelSet[]; readonly heldOut: readonly LabelSet[] } {
  const count = binomial(labels, size)
  if (count > maxSets) {
    throw new OpsinError('VALUE', {
      where: 'fewShot: labels',
      expected: `at most ${maxSets} sets of ${size} labels`,
      got: `${count}, from ${labels} labels`,
      hint: 'Use fewer labels or pairs, more burstiness, or relabel: false.',
    })
  }
  const all = combinations(labels, size)
  const held = Array.isArray(heldOut) ? checkSets(heldOut, labels, size) : chooseHeldOut(all, heldOut, seed)
  const keys = new Set(held.map(String))
  const train = all.filter((set) => !keys.has(String(set)))
  if (train.length === 0) {
    throw new OpsinError('VALUE', {
      where: 'fewShot: heldOutLabels',
      expected: 'at least one label set left for training',
      got: `all ${all.length} held out`,
    })
  }
  return { train, heldOut: held }
}
