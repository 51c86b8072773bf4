import { argMax, meanOverAnswers } from './answers.ts'
import { makeProbe, type Probe, type ProbeOptions, type Reading } from './define.ts'
import { inputIn, requireId } from './reading.ts'

/**
 * Share of answers whose largest logit is the target's, from 0 to 1.
 *
 * @example
 * import { accuracyProbe } from 'opsin'
 * const probes = [accuracyProbe()]
 */
export function accuracyProbe(options: ProbeOptions = {}): Probe {
  return makeProbe('accuracyProbe', options, {
    name: 'accuracy',
    points: ['logits'],
    read: (reading) => meanOverAnswers(reading, ({ logits, target }) => (argMax(logits) === target ? 1 : 0)),
  })
}

/**
 * Share of answers that are right among the labels of the context alone, from 0 to 1: whether the model knows which of
 * them, whatever it thinks of the others. Its task has batches with `labels`. [Singh et al. 2024, in-context accuracy]
 *
 * @example
 * import { inContextAccuracyProbe } from 'opsin'
 * const probes = [inContextAccuracyProbe()]
 */
export function inContextAccuracyProbe(options: ProbeOptions = {}): Probe {
  return makeProbe('inContextAccuracyProbe', options, {
    name: 'in-context-accuracy',
    points: ['logits'],
    read: (reading) =>
      meanOverAnswers(reading, ({ logits, target, sequence }) => {
        const context = contextLabels(reading, sequence, logits.length)
        const best = context[argMax(context.map((label) => logits[label]))]
        return best === target ? 1 : 0
      }),
  })
}

const where = 'inContextAccuracyProbe'

function contextLabels(reading: Reading, sequence: number, vocab: number): number[] {
  const { shape, data } = inputIn(reading, where, 'labels', 2)
  const [, pairs] = shape
  const labels = data.subarray(sequence * pairs, (sequence + 1) * pairs)
  return Array.from(labels, (label) => requireId(`${where}: labels`, label, vocab))
}
