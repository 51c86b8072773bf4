import type { OptionTable } from '../../core/check.ts'
import type { Model } from '../define.ts'
import { gpt2, gpt2Rules } from './gpt2.ts'
import { llama, llamaRules } from './llama.ts'
import { neox, neoxRules } from './neox.ts'
import { attentionOnly, preNorm } from './pre-norm.ts'
import { preNormRules } from './pre-norm-options.ts'

/** An architecture that a configuration can name. */
export interface NamedArchitecture {
  make(options: any): Model
  /** The rules of its options. */
  readonly table: OptionTable
}

/** The architectures that a configuration can name; the first is meant where it names none. */
export const namedArchitectures = {
  'attention-only': { make: attentionOnly, table: preNormRules },
  'pre-norm': { make: preNorm, table: preNormRules },
  gpt2: { make: gpt2, table: gpt2Rules },
  neox: { make: neox, table: neoxRules },
  llama: { make: llama, table: llamaRules },
} as const satisfies Readonly<Record<string, NamedArchitecture>>

export type ArchitectureName = keyof typeof namedArchitectures
