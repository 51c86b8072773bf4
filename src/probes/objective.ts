import { makeProbe, type Probe, type ProbeOptions } from './define.ts'

/**
 * The loss that is trained, whatever the task's objective: weighted, masked, squared or a sum over read-outs. It is that of a
 * whole evaluation set, which is computed at once. Records call it `loss`.
 *
 * @example
 * import { objectiveProbe } from 'opsin'
 * const probes = [objectiveProbe({ every: 10_000 })]
 */
export function objectiveProbe(options: ProbeOptions = {}): Probe {
  return makeProbe('objectiveProbe', options, {
    name: 'loss',
    points: ['loss'],
    read: ({ points }) => points.loss.data[0],
  })
}
