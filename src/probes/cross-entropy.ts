import { logSumExp } from '../core/log-sum-exp.ts'
import { meanOverAnswers } from './answers.ts'
import { makeProbe, type Probe, type ProbeOptions } from './define.ts'

/**
 * Mean cross-entropy of the answers, in nats.
 *
 * @example
 * import { crossEntropyProbe } from 'opsin'
 * const probes = [crossEntropyProbe({ every: 1_000 })]
 */
export function crossEntropyProbe(options: ProbeOptions = {}): Probe {
  return makeProbe('crossEntropyProbe', options, {
    name: 'loss',
    points: ['logits'],
    read: (reading) => meanOverAnswers(reading, ({ logits, target }) => logSumExp(logits) - logits[target]),
  })
}
