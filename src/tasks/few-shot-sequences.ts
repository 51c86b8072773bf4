import type { Rng } from '../core/rng.ts'
import { requireRoom } from '../core/shape.ts'
import { tensor } from '../core/tensor.ts'
import type { Batch } from './define.ts'

/** The form of every sequence of a task. */
export interface SequenceForm {
  /** Exemplar-label pairs of the context. */
  readonly pairs: number
  /** How often each class of the context occurs in it. */
  readonly burstiness: number
  /** Different classes of the context: pairs / burstiness. The first is the query's. */
  readonly groups: number
  /** Labels there are; without label sets, class c has label c modulo this. */
  readonly labels: number
}

/** The source of sequences. */
export interface SequenceSource {
  readonly firstClass: number
  readonly classes: number
  readonly firstExemplar: number
  readonly exemplars: number
  /** Label sets one after the other, `groups` labels each; absent when labels belong to classes for good. */
  readonly labelSets: Int32Array | undefined
}

/** The row of the table that holds an exemplar of a class. */
export type RowOf = (label: number, exemplar: number) => number

/** The arrays of a batch, to be filled. */
export interface SequenceArrays {
  /** [count, pairs + 1]: the rows of the context's exemplars, then the query's. */
  readonly exemplars: Int32Array
  /** [count, pairs] */
  readonly labels: Int32Array
  /** [count]: the label of the query. */
  readonly targets: Int32Array
}

/** New arrays for `count` sequences, and the batch made of them. */
export function newSequences(count: number, pairs: number): { arrays: SequenceArrays; batch: Batch } {
  requireRoom(`fewShot: ${count} sequences of ${pairs} pairs`, [[count, 2 * pairs + 2]])
  const arrays = {
    exemplars: new Int32Array(count * (pairs + 1)),
    labels: new Int32Array(count * pairs),
    targets: new Int32Array(count),
  }
  const batch = {
    exemplars: tensor([count, pairs + 1], arrays.exemplars),
    labels: tensor([count, pairs], arrays.labels),
    targets: tensor([count], arrays.targets),
  }
  return { arrays, batch }
}

type Draw = (below: number) => number

function shuffle(values: Int32Array, draw: Draw): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = draw(last + 1)
    const moved = values[last]
    values[last] = values[other]
    values[other] = moved
  }
}

/** Fills `out` with different integers below `count`, all such lists equally likely; `sorted` is scratch. */
function drawDistinct(out: Int32Array, sorted: Int32Array, count: number, draw: Draw): void {
  for (let g = 0; g < out.length; g++) {
    // A rank among those not yet chosen, moved up past each chosen one at or below it.
    let value = draw(count - g)
    let place = 0
    while (place < g && value >= sorted[place]) {
      value++
      place++
    }
    for (let i = g; i > place; i--) sorted[i] = sorted[i - 1]
    sorted[place] = value
    out[g] = value
  }
}

/**
 * Draws batches: `(rng, step, count)`. Sequence s depends on the key, the step and s, not on the count. Classes are
 * drawn without replacement, the query's first, so that each is uniform and the others uniform over the rest; then a
 * label set, its order, the order of the context, and the exemplars where there is a choice.
 */
export function sequenceSampler(
  form: SequenceForm,
  source: SequenceSource,
  rowOf: RowOf,
): (rng: Rng, step: number, count: number) => Batch {
  const { pairs, burstiness, groups } = form
  const { labelSets } = source
  const sets = labelSets === undefined ? 0 : labelSets.length / groups
  const classOf = new Int32Array(groups)
  const sorted = new Int32Array(groups)
  const labelOf = new Int32Array(groups)
  const order = new Int32Array(pairs)

  const drawLabels = (draw: Draw): void => {
    if (labelSets === undefined) {
      for (let g = 0; g < groups; g++) labelOf[g] = (source.firstClass + classOf[g]) % form.labels
      return
    }
    const first = draw(sets) * groups
    for (let g = 0; g < groups; g++) labelOf[g] = labelSets[first + g]
    shuffle(labelOf, draw)
  }
  const drawRow = (group: number, draw: Draw): number => {
    const exemplar = source.exemplars === 1 ? 0 : draw(source.exemplars)
    return rowOf(source.firstClass + classOf[group], source.firstExemplar + exemplar)
  }

  return (rng, step, count) => {
    const { arrays, batch } = newSequences(count, pairs)
    const { exemplars, labels, targets } = arrays
    let sequence = 0
    let drawn = 0
    const draw: Draw = (below) => rng.below(below, step, sequence, drawn++)
    for (; sequence < count; sequence++) {
      drawn = 0
      drawDistinct(classOf, sorted, source.classes, draw)
      drawLabels(draw)
      for (let p = 0; p < pairs; p++) order[p] = Math.floor(p / burstiness)
      shuffle(order, draw)
      const row = sequence * (pairs + 1)
      for (let p = 0; p < pairs; p++) {
        exemplars[row + p] = drawRow(order[p], draw)
        labels[sequence * pairs + p] = labelOf[order[p]]
      }
      exemplars[row + pairs] = drawRow(0, draw)
      targets[sequence] = labelOf[0]
    }
    return batch
  }
}
