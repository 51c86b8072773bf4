import type { OptionTable } from '../core/check.ts'
import { accuracyProbe, inContextAccuracyProbe } from './accuracy.ts'
import { crossEntropyProbe } from './cross-entropy.ts'
import { type Probe, probeTable } from './define.ts'
import { inductionStrength, inductionStrengthTable } from './induction-strength.ts'
import { objectiveProbe } from './objective.ts'

/** A probe that a configuration can name. */
export interface NamedProbe {
  make(options: any): Probe
  /** The rules of its options. */
  readonly table: OptionTable
}

/** The probes that a configuration can name. */
export const namedProbes = {
  'cross-entropy': { make: crossEntropyProbe, table: probeTable },
  accuracy: { make: accuracyProbe, table: probeTable },
  objective: { make: objectiveProbe, table: probeTable },
  'in-context-accuracy': { make: inContextAccuracyProbe, table: probeTable },
  'induction-strength': { make: inductionStrength, table: inductionStrengthTable },
} as const satisfies Readonly<Record<string, NamedProbe>>

export type ProbeName = keyof typeof namedProbes
