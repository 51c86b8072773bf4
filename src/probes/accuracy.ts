import { OpsinError } from '../core/errors.ts'
import { argMax, meanOverAnswers } from './answers.ts'
import type { Probe, Reading } from './define.ts'

/**
 * Share of answers whose largest logit is the target's, from 0 to 1.
 *
 * @example
 * import { accuracyProbe } from 'opsin'
 * const probes = [accuracyProbe()]
 */
export function accuracyProbe(): Probe {
  return {
    name: 'accuracy',
    points: ['logits'],
    read: (reading) => meanOverAnswers(reading, ({ logits, target }) => (argMax(logits) === target ? 1 : 0)),
  }
}

/**
 * Share of answers that are right among the labels of the context alone, from 0 to 1: whether the model knows which of
 * them, whatever it thinks of the others. [Singh et al. 2024, in-context accuracy]
 *
 * @example
 * import { inContextAccuracyProbe } from 'opsin'
 * const probes = [inContextAccuracyProbe()]
 */
export function inContextAccuracyProbe(): Probe {
  return {
    name: 'in-context-accuracy',
    points: ['logits'],
    read: (reading) =>
      meanOverAnswers(reading, ({ logits, target, sequence }) => {
        const context = contextLabels(reading, sequence)
        const best = context[argMax(context.map((label) => logits[label]))]
        return best === target ? 1 : 0
      }),
  }
}

function contextLabels({ batch }: Reading, sequence: number): number[] {
  const { labels } = batch
  if (labels === undefined) {
    throw new OpsinError('VALUE', {
      where: 'inContextAccuracyProbe',
      expected: 'a task whose batches have labels',
      got: Object.keys(batch).join(', '),
    })
  }
  const pairs = labels.shape[1]
  return Array.from(labels.data.subarray(sequence * pairs, (sequence + 1) * pairs))
}
