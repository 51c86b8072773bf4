import { OpsinError } from '../core/errors.ts'
import type { Batch } from './define.ts'
import { newSequences, type RowOf, type SequenceForm, type SequenceSource } from './few-shot-sequences.ts'

/** More sequences than this would not fit well in memory. */
const maxSequences = 5_000_000

/** All ordered lists of `length` different items. */
function orderedLists(items: readonly number[], length: number): number[][] {
  if (length === 0) return [[]]
  return items.flatMap((item) =>
    orderedLists(
      items.filter((other) => other !== item),
      length - 1,
    ).map((rest) => [item, ...rest]),
  )
}

/** All lists of `length` items, repeats allowed. */
function tuples(items: number, length: number): number[][] {
  if (length === 0) return [[]]
  const shorter = tuples(items, length - 1)
  return Array.from({ length: items }, (_, item) => shorter.map((rest) => [item, ...rest])).flat()
}

/**
 * All ways to order a context of `groups` classes, `burstiness` times each. Classes other than the query's (group 0)
 * first occur in rising order, since which of them is which is counted with the classes.
 */
function arrangements({ pairs, groups, burstiness }: SequenceForm): number[][] {
  const left = new Array<number>(groups).fill(burstiness)
  const found: number[][] = []
  const extend = (order: readonly number[]) => {
    if (order.length === pairs) found.push([...order])
    const next = left.findIndex((count, g) => g > 0 && count === burstiness)
    for (let g = 0; g < groups; g++) {
      if (left[g] === 0 || (next > 0 && g > next)) continue
      left[g]--
      extend([...order, g])
      left[g]++
    }
  }
  extend([])
  return found
}

/** n (n - 1) ... (n - k + 1) */
function fallingFactorial(n: number, k: number): number {
  let product = 1
  for (let i = 0; i < k; i++) product *= n - i
  return product
}

/** How many sequences {@link enumerateSequences} gives. */
export function countSequences(form: SequenceForm, source: SequenceSource): number {
  const { pairs, groups, burstiness } = form
  const labelings = source.labelSets ? (source.labelSets.length / groups) * fallingFactorial(groups, groups) : 1
  const repeats = fallingFactorial(burstiness, burstiness) ** groups * fallingFactorial(groups - 1, groups - 1)
  const orders = Math.round(fallingFactorial(pairs, pairs) / repeats)
  return fallingFactorial(source.classes, groups) * labelings * orders * source.exemplars ** (pairs + 1)
}

/** Per sequence, the label of each group: every label set in every order, or the classes' own. */
function labelLists({ groups, labels }: SequenceForm, source: SequenceSource): (classes: number[]) => number[][] {
  const { labelSets } = source
  if (labelSets === undefined) return (classes) => [classes.map((c) => c % labels)]
  const sets = Array.from({ length: labelSets.length / groups }, (_, i) =>
    Array.from(labelSets.subarray(i * groups, (i + 1) * groups)),
  )
  const all = sets.flatMap((set) => orderedLists(set, groups))
  return () => all
}

/**
 * Every sequence that can be drawn, each once; all are equally likely.
 *
 * @throws OpsinError `VALUE` when there are more than 5,000,000.
 */
export function enumerateSequences(form: SequenceForm, source: SequenceSource, rowOf: RowOf): Batch {
  const count = countSequences(form, source)
  if (!(count <= maxSequences)) {
    throw new OpsinError('VALUE', {
      where: 'fewShot: enumerate',
      expected: `at most ${maxSequences} sequences`,
      got: `${count}`,
      hint: 'Use an evaluator, which samples.',
    })
  }
  const { pairs, groups } = form
  const { arrays, batch } = newSequences(count, pairs)
  const orders = arrangements(form)
  const choices = tuples(source.exemplars, pairs + 1)
  const labelsFor = labelLists(form, source)
  const all = Array.from({ length: source.classes }, (_, i) => source.firstClass + i)
  let sequence = 0
  const write = (
    classes: readonly number[],
    labels: readonly number[],
    order: readonly number[],
    choice: readonly number[],
  ) => {
    const row = sequence * (pairs + 1)
    for (let p = 0; p < pairs; p++) {
      arrays.exemplars[row + p] = rowOf(classes[order[p]], source.firstExemplar + choice[p])
      arrays.labels[sequence * pairs + p] = labels[order[p]]
    }
    arrays.exemplars[row + pairs] = rowOf(classes[0], source.firstExemplar + choice[pairs])
    arrays.targets[sequence++] = labels[0]
  }
  for (const classes of orderedLists(all, groups)) {
    for (const labels of labelsFor(classes))
      for (const order of orders) for (const choice of choices) write(classes, labels, order, choice)
  }
  return batch
}
