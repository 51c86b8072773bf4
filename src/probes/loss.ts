import { logSumExp, meanOverAnswers } from './answers.ts'
import type { Probe } from './define.ts'

/**
 * Mean cross-entropy of the answers, in nats.
 *
 * @example
 * import { lossProbe } from 'opsin'
 * const probes = [lossProbe()]
 */
export function lossProbe(): Probe {
  return {
    name: 'loss',
    points: ['logits'],
    read: (reading) => meanOverAnswers(reading, ({ logits, target }) => logSumExp(logits) - logits[target]),
  }
}
