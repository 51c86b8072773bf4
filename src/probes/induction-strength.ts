import { integer, readOptions } from '../core/check.ts'
import { everyOf, type Probe, type ProbeOptions, probeTable, type Reading } from './define.ts'
import { inputIn, pointIn, requireShape } from './reading.ts'

export interface InductionStrengthOptions extends ProbeOptions {
  /** Counted from 0. */
  readonly layer: number
}

/** The rules of these options. */
export const inductionStrengthTable = { layer: integer(0), ...probeTable }

/**
 * Per head of a layer: mean attention from the query to the labels that are its answer, minus mean attention to the
 * other labels of the context; from −1 to 1. Its task has batches of exemplars with `labels`. [Singh et al. 2024,
 * figure 3b]
 *
 * @throws OpsinError `VALUE` for a value that is no layer.
 * @example
 * import { inductionStrength } from 'opsin'
 * const probes = [inductionStrength({ layer: 1, every: 5_000 })]
 */
export function inductionStrength(options: InductionStrengthOptions): Probe {
  const { layer, every } = readOptions(where, options, inductionStrengthTable)
  const point = `blocks.${layer}.attn.pattern`
  return {
    name: `induction-strength.${layer}`,
    points: [point],
    ...everyOf({ every }),
    read: (reading) => strengthPerHead(reading, point),
  }
}

const where = 'inductionStrength'

function strengthPerHead(reading: Reading, point: string): number[] {
  const { shape, data: pattern } = pointIn(reading, where, point, 4) // [batch, head, query, key]
  const [sequences, heads, length] = shape
  const pairs = (length - 1) / 2
  const labels = inputIn(reading, where, 'labels', 2)
  requireShape(`${where}: labels`, labels, [sequences, pairs])
  const answers = answersOf(reading, sequences, length)
  const strengths = new Array<number>(heads).fill(0)
  for (let s = 0; s < sequences; s++) {
    for (let head = 0; head < heads; head++) {
      const lastRow = ((s * heads + head) * length + length - 1) * length
      for (let pair = 0; pair < pairs; pair++) {
        const sign = labels.data[s * pairs + pair] === answers[s] ? 1 : -1
        strengths[head] += (sign * pattern[lastRow + 2 * pair + 1]) / sequences
      }
    }
  }
  return strengths
}

/** The target of each query: the only one of its sequence, or the last where every position has one. */
function answersOf(reading: Reading, sequences: number, length: number): number[] {
  const targets = inputIn(reading, where, 'targets')
  const everywhere = targets.shape.length === 2
  requireShape(`${where}: targets`, targets, everywhere ? [sequences, length] : [sequences])
  const each = everywhere ? length : 1
  return Array.from({ length: sequences }, (_, s) => targets.data[(s + 1) * each - 1])
}
