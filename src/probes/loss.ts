import { logSumExp, meanOverAnswers } from './answers.ts'
import { makeProbe, type Probe, type ProbeOptions } from './define.ts'

/**
 * Mean cross-entropy of the answers, in nats.
 *
 * @example
 * import { lossProbe } from 'opsin'
 * const probes = [lossProbe({ every: 1_000 })]
 */
export function lossProbe(options: ProbeOptions = {}): Probe {
  return makeProbe('lossProbe', options, {
    name: 'loss',
    points: ['logits'],
    read: (reading) => meanOverAnswers(reading, ({ logits, target }) => logSumExp(logits) - logits[target]),
  })
}
