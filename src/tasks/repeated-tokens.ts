import { ints } from './arrays.ts'
import type { Task } from './define.ts'
import type { Draws } from './draws.ts'
import { type Form, type RepeatedTokensOptions, readRepeatedTokens } from './repeated-tokens-options.ts'
import type { Sample } from './sequence-options.ts'
import { sequenceTask } from './sequence-task.ts'
import { unigramSampler } from './unigram.ts'

/**
 * A random segment that comes several times: after its first copy, an induction head can predict every token of it. Tokens
 * are drawn independently, from the unigram distribution `tokens`. For induction to be needed, give a `length` and a range of
 * segments: copies alone are always equally far apart, and one layer that attends over this distance solves the task.
 *
 * Without `length`, a sequence is the copies one after the other: `[bos] segment [separator] segment …`. With `length`, it is
 * that long, and the copies lie at random places among other tokens, at least one between two copies: with c copies of n
 * tokens in T places, c different numbers from 0 to T − c n − 1 are drawn and sorted, and copy k (from 0) starts at the
 * k-th of them plus k n.
 *
 * A batch is `{ tokens, targets }`, integers [batch, pos]: the target is the next token, and −1 where none is asked for: at
 * the last position, and with `score: 'copies'` everywhere but within the later copies. The first token of a copy is no
 * target then, since nothing marks the start of a copy. `sizes.vocab` counts bos (id `vocab`) and separator (the last id).
 *
 * Evaluators: `train` (as training), and those of the option `evaluators`, each with the options in which it differs.
 *
 * Source: with `{ vocab: 64, length: 64, segment: [10, 19], tokens: 'zipf' }`, the sequences of Song et al. 2025
 * (arXiv 2408.09503), and with `evaluators: { ood: { tokens: 'uniform', segment: 25 } }` their test out of distribution.
 *
 * @throws OpsinError `VALUE`, `NAME`, `SHAPE` or `NO_EFFECT` for options that do not fit, naming the option.
 * @example
 * import { repeatedTokens } from 'opsin'
 * const task = repeatedTokens({ vocab: 32, segment: 12, bos: true, score: 'copies' })
 * const { tokens, targets } = task.batch(0, 8)
 * if (tokens.shape.join() !== '8,25' || task.sizes.vocab !== 33) throw new Error('wrong sizes')
 * if (tokens.data[1] !== tokens.data[13]) throw new Error('not repeated')
 * if (targets.data[13] !== tokens.data[14] || targets.data[1] !== -1) throw new Error('wrong targets')
 */
export function repeatedTokens(options: RepeatedTokensOptions = {}): Task {
  const { config, form, evaluators, seeds, evaluationSize } = readRepeatedTokens(options)
  const source = (of: Form) => ({ sample: sampleOf(of), arrays: arraysOf(of) })
  return sequenceTask({
    name: 'repeated-tokens',
    config,
    sizes: { vocab: form.ids, length: form.length },
    ...source(form),
    evaluators: Object.fromEntries(Object.entries(evaluators).map(([name, of]) => [name, source(of)])),
    seeds,
    evaluationSize,
  })
}

function arraysOf({ length, ids }: Form) {
  return { tokens: ints(length, { below: ids }), targets: ints(length, { from: -1, below: ids }) }
}

function sampleOf(form: Form): Sample<'tokens' | 'targets'> {
  const { vocab, length, segment, copies, bos, separator, isFilled, distinct, score } = form
  const [shortest, longest] = segment
  const token = unigramSampler('repeatedTokens: tokens', form.tokens, vocab)
  const tokens = new Int32Array(length)
  const targets = new Int32Array(length)
  const first = bos ? 1 : 0

  /** Where the copies start. */
  const startsOf = (size: number, draw: Draws): Int32Array => {
    if (!isFilled) return Int32Array.from({ length: copies }, (_, copy) => first + copy * (size + (separator ? 1 : 0)))
    const gaps = draw.distinct(copies, length - first - copies * size).sort()
    return gaps.map((gap, copy) => first + gap + copy * size)
  }
  return (draw) => {
    const size = shortest + draw.below(longest - shortest + 1)
    const words = distinct ? draw.distinct(size, vocab) : Int32Array.from({ length: size }, () => token(draw))
    const starts = startsOf(size, draw)
    // The tokens between the copies; the copies then overwrite the rest.
    for (let pos = 0; pos < length; pos++) tokens[pos] = isFilled ? token(draw) : form.ids - 1
    if (bos) tokens[0] = vocab
    for (const start of starts) tokens.set(words, start)
    if (score === 'all') {
      targets.set(tokens.subarray(1))
      targets[length - 1] = -1
    } else {
      targets.fill(-1)
      for (const start of starts.subarray(1)) targets.set(words.subarray(1), start)
    }
    return { tokens, targets }
  }
}
