import { form, type OptionTable, optional, text } from '../core/check.ts'
import { either } from '../core/choice.ts'
import type { Task } from './define.ts'
import { featureRules } from './features.ts'
import { fewShot } from './few-shot.ts'
import { fewShotRules } from './few-shot-options.ts'
import { inContextRegression, inContextRegressionRules } from './in-context-regression.ts'
import { repeatedTokens } from './repeated-tokens.ts'
import { repeatedTokensRules } from './repeated-tokens-options.ts'

/** A task that a configuration can name. */
export interface NamedTask {
  make(options: any): Task
  /** The rules of its options, as JSON. */
  readonly table: OptionTable
}

/** In JSON, features are the path of a file, or options of the built-in ones. */
const features = optional(either('the path of a file, or options of the built-in features', text, form(featureRules)))

/** The tasks that a configuration can name; the first is meant where it names none. */
export const namedTasks = {
  'few-shot': { make: fewShot, table: { ...fewShotRules, features } },
  'repeated-tokens': { make: repeatedTokens, table: repeatedTokensRules },
  'in-context-regression': { make: inContextRegression, table: inContextRegressionRules },
} as const satisfies Readonly<Record<string, NamedTask>>

export type TaskName = keyof typeof namedTasks
