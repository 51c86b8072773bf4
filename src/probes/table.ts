import { integer, type OptionTable } from '../core/check.ts'
import { accuracyProbe, inContextAccuracyProbe } from './accuracy.ts'
import { crossEntropyProbe } from './cross-entropy.ts'
import { type Probe, probeTable } from './define.ts'
import { inductionStrength } from './induction-strength.ts'
import { objectiveProbe } from './objective.ts'

/** A probe that a configuration can name. */
export interface NamedProbe {
  make(options: any): Probe
  /** The rules of its options. */
  readonly rules: OptionTable
}

/** The probes that a configuration can name. */
export const namedProbes = {
  'cross-entropy': { make: crossEntropyProbe, rules: probeTable },
  accuracy: { make: accuracyProbe, rules: probeTable },
  objective: { make: objectiveProbe, rules: probeTable },
  'in-context-accuracy': { make: inContextAccuracyProbe, rules: probeTable },
  'induction-strength': { make: inductionStrength, rules: { layer: integer(0), ...probeTable } },
} as const satisfies Readonly<Record<string, NamedProbe>>

export type ProbeName = keyof typeof namedProbes
