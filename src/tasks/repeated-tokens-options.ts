import { check, flag, integer, type OptionsOf, oneOf, optional, orNull, type Rule, readOptions } from '../core/check.ts'
import { either, such } from '../core/choice.ts'
import { OpsinError } from '../core/errors.ts'
import { tupleOf } from '../core/fields.ts'
import { changesBy, givenOf } from './changes.ts'
import { seedingRules } from './sequence-options.ts'
import { type Unigram, unigramRule, unigramSampler } from './unigram.ts'

/** The form of the sequences of {@link repeatedTokens}. */
export type RepeatedTokensForm = {
  /** Tokens of the segment: a length, or [shortest, longest], all equally likely (only with `length`). Default 16. */
  readonly segment?: number | readonly [number, number]
  /** Default 2. */
  readonly copies?: number
  /** Tokens of a sequence, the copies and others around them; default null: the copies alone. */
  readonly length?: number | null
  /** How often each token occurs; default `'uniform'`. */
  readonly tokens?: Unigram
  /** Whether the tokens of the segment are all different, which is only said of uniform ones; default false. */
  readonly distinct?: boolean
  /** Where there are targets: everywhere, or within the copies after the first. Default `'all'`. */
  readonly score?: 'all' | 'copies'
}

/** Options of {@link repeatedTokens}. */
export type RepeatedTokensOptions = RepeatedTokensForm & {
  /** Tokens that the segment may have; default 64. */
  readonly vocab?: number
  /** Whether a token of its own begins each sequence; default false. */
  readonly bos?: boolean
  /** Whether a token of its own stands between two copies (only without `length`); default false. */
  readonly separator?: boolean
  /** Evaluators beside `train`, each with the options in which it differs. */
  readonly evaluators?: Readonly<Record<string, RepeatedTokensForm>>
  /** Defaults 0 and 1. */
  readonly seeds?: { readonly data?: number; readonly evaluation?: number }
  /** Sequences per evaluator, unless asked for another number; default 1000. */
  readonly evaluationSize?: number
}

const longest = 2 ** 20
const size = integer(1, longest)
const bounds = such(
  tupleOf([size, size], 'two positive integers: [shortest, longest]'),
  ([shortest, longest]) => shortest <= longest,
  'the shortest is no longer than the longest',
)
const segmentRule = either('a positive integer, or two: [shortest, longest]', size, bounds)

const formRules = {
  segment: optional(segmentRule, 16),
  copies: optional(integer(2, 4096), 2),
  length: optional(orNull(size), null),
  tokens: optional(unigramRule, 'uniform'),
  distinct: optional(flag, false),
  score: optional(oneOf('all', 'copies'), 'all'),
} satisfies Record<keyof RepeatedTokensForm, Rule<any>>

/** Rules and defaults of the options. */
export const repeatedTokensRules = {
  vocab: optional(integer(2, 2 ** 24), 64),
  ...formRules,
  bos: optional(flag, false),
  separator: optional(flag, false),
  evaluators: changesBy(formRules),
  ...seedingRules,
} satisfies Record<keyof RepeatedTokensOptions, Rule<any>>

type Given = OptionsOf<typeof repeatedTokensRules>

/** The form of sequences, checked. */
export type Form = Pick<Given, 'vocab' | 'copies' | 'tokens' | 'distinct' | 'score' | 'bos' | 'separator'> & {
  /** Shortest and longest. */
  readonly segment: readonly [number, number]
  readonly length: number
  /** Whether there are other tokens around the copies. */
  readonly isFilled: boolean
  /** All tokens there are, bos and separator among them. */
  readonly ids: number
}

/** The options, checked, as the config has them, and the forms of their sequences. */
export function readRepeatedTokens(options: RepeatedTokensOptions) {
  const where = 'repeatedTokens'
  const { seeds, evaluationSize, evaluators, ...given } = readOptions(where, options, repeatedTokensRules)
  const changes = givenOf(evaluators)
  return {
    config: { ...given, evaluators: changes },
    form: formOf(`${where}: `, given),
    evaluators: Object.fromEntries(
      Object.entries(changes).map(([name, change]) => [
        name,
        formOf(`${where}: evaluators.${name}.`, { ...given, ...change }),
      ]),
    ),
    seeds,
    evaluationSize,
  }
}

/** @param where the prefix of an option's name. */
function formOf(where: string, given: Omit<Given, 'seeds' | 'evaluationSize' | 'evaluators'>): Form {
  const { vocab, copies, tokens, distinct, score, bos, separator, length } = given
  const segment = typeof given.segment === 'number' ? ([given.segment, given.segment] as const) : given.segment
  const alone = (bos ? 1 : 0) + copies * segment[1] + (separator ? copies - 1 : 0)
  const isFilled = length !== null
  if (isFilled && separator) {
    throw new OpsinError('NO_EFFECT', {
      where: `${where}separator`,
      expected: 'none where there is a length',
      got: 'true',
      hint: 'Other tokens lie between the copies.',
    })
  }
  if (!isFilled) {
    check(`${where}segment`, segment, oneLength, 'A range needs a length, since all sequences are equally long.')
    check(`${where}length`, alone, size, `So long are ${copies} copies.`)
  } else {
    const need = `${copies} copies of up to ${segment[1]} need as many others around them.`
    check(`${where}length`, length, integer(alone + copies, longest), need)
  }
  if (distinct) {
    check(`${where}tokens`, tokens, {
      expected: "'uniform' where they are distinct",
      fits: (it: unknown) => it === 'uniform',
    })
    check(`${where}segment`, segment[1], integer(1, vocab), 'Its tokens are all different.')
  }
  unigramSampler(`${where}tokens`, tokens, vocab)
  const ids = vocab + (bos ? 1 : 0) + (separator ? 1 : 0)
  return { vocab, copies, tokens, distinct, score, bos, separator, segment, isFilled, ids, length: length ?? alone }
}

const oneLength: Rule<readonly [number, number]> = {
  expected: 'one length',
  fits: (value) => Array.isArray(value) && value[0] === value[1],
}
