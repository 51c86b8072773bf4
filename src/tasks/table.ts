import type { OptionTable } from '../core/check.ts'
import type { Task } from './define.ts'
import { featureRules } from './features.ts'
import { fewShot } from './few-shot.ts'
import { exemplarRules, fewShotRules, fewShotSeedRules } from './few-shot-options.ts'
import { inContextRegression, inContextRegressionRules } from './in-context-regression.ts'
import { repeatedTokens } from './repeated-tokens.ts'
import { repeatedTokensRules } from './repeated-tokens-options.ts'
import { seedRules } from './sequence-options.ts'

/** A task that a configuration can name. */
export interface NamedTask {
  make(options: any): Task
  /** What each of its options may be. */
  readonly rules: OptionTable
  /** The rules of options that have options of their own. */
  readonly nested: Readonly<Record<string, OptionTable>>
}

/** The tasks that a configuration can name; the first is meant where it names none. */
export const namedTasks = {
  'few-shot': {
    make: fewShot,
    rules: fewShotRules,
    nested: { exemplars: exemplarRules, seeds: fewShotSeedRules, features: featureRules },
  },
  'repeated-tokens': { make: repeatedTokens, rules: repeatedTokensRules, nested: { seeds: seedRules } },
  'in-context-regression': {
    make: inContextRegression,
    rules: inContextRegressionRules,
    nested: { seeds: seedRules },
  },
} as const satisfies Readonly<Record<string, NamedTask>>

export type TaskName = keyof typeof namedTasks
