import {
  check,
  integer,
  notNegative,
  type OptionsOf,
  oneOf,
  optional,
  positive,
  type Rule,
  readOptions,
} from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { squaredError } from '../objectives/squared-error.ts'
import { type ArrayForms, floats } from './arrays.ts'
import { changesBy, givenOf } from './changes.ts'
import type { Task } from './define.ts'
import type { Draws } from './draws.ts'
import { type Sample, seedingRules } from './sequence-options.ts'
import { sequenceTask } from './sequence-task.ts'

/** The distribution of the prompts of {@link inContextRegression}. */
export type RegressionSource = {
  /** Distribution of each coordinate of x; default `'uniform'`. */
  readonly inputs?: 'uniform' | 'normal'
  /** Uniform: x lies in [−range/2, range/2). Normal: the standard deviation of x. Default 1. */
  readonly range?: number
  /** The standard deviation of each coordinate of w; default 1. */
  readonly weightScale?: number
  /** The standard deviation of the noise on the labels of the context, not on targets; default 0. */
  readonly noise?: number
  /** How many labels, the last of the context, are standard normal numbers instead; default 0. */
  readonly distractors?: number
}

/** Options of {@link inContextRegression}. */
export type InContextRegressionOptions = RegressionSource & {
  /** Coordinates of x; default 10. */
  readonly dimensions?: number
  /** Pairs (x, y) in the context; default 10. */
  readonly pairs?: number
  /** `'constructed'` (the default): each pair is one vector. `'classic'`: x and y take turns. */
  readonly tokens?: 'constructed' | 'classic'
  /** Which y is to be predicted: the query's (the default), or that of every x, which takes classic tokens. */
  readonly score?: 'query' | 'all'
  /** Evaluators beside `train`, each with the options in which it differs. */
  readonly evaluators?: Readonly<Record<string, RegressionSource>>
  /** Defaults 0 and 1. */
  readonly seeds?: { readonly data?: number; readonly evaluation?: number }
  /** Sequences per evaluator, unless asked for another number; default 1000. */
  readonly evaluationSize?: number
}

const sourceRules = {
  inputs: optional(oneOf('uniform', 'normal'), 'uniform'),
  range: optional(positive, 1),
  weightScale: optional(positive, 1),
  noise: optional(notNegative, 0),
  distractors: optional(integer(0, 2 ** 16), 0),
} satisfies Record<keyof RegressionSource, Rule<any>>

/** Rules and defaults of the options. */
export const inContextRegressionRules = {
  dimensions: optional(integer(1, 4096), 10),
  pairs: optional(integer(1, 2 ** 16), 10),
  tokens: optional(oneOf('constructed', 'classic'), 'constructed'),
  score: optional(oneOf('query', 'all'), 'query'),
  ...sourceRules,
  evaluators: changesBy(sourceRules),
  ...seedingRules,
} satisfies Record<keyof InContextRegressionOptions, Rule<any>>

type Form = Omit<OptionsOf<typeof inContextRegressionRules>, 'evaluators' | 'seeds' | 'evaluationSize'>

/**
 * Linear regression from examples in the prompt: y = w · x, with weights w of its own in every sequence, w ~ N(0, I).
 *
 * A batch is `{ vectors, targets }`, floats: `vectors` [batch, pos, width], `targets` [batch, 1], the y of the query, which
 * comes last. Constructed tokens are (x, y), of width `dimensions` + 1, with y = 0 for the query: `pairs` + 1 positions. Classic
 * tokens are of width `dimensions`, x and (0, …, 0, y) in turn: 2 · `pairs` + 1 positions. With `score: 'all'`, `targets` are
 * [batch, pos, 1] and `weights` [batch, pos] is 1 where an x stands, 0 where a y does. Targets are without noise. The same
 * seeds give the same w and x whatever the tokens.
 *
 * Evaluators: `train` (as training), and those of the option `evaluators`.
 *
 * Source: von Oswald et al. 2023 (arXiv 2212.07677), sheet 06, section 2; their authors' `data.py`. A model that predicts 0 has
 * half the mean squared error `dimensions` · `range`² / 24 (.4167 with the defaults, which are theirs). Their classic tokens
 * carry position codes as well: these are the model's to add.
 *
 * @throws OpsinError `VALUE` or `NAME` for options that do not fit, naming the option.
 * @example
 * import { inContextRegression } from 'opsin'
 * const task = inContextRegression({ dimensions: 5, pairs: 10, evaluators: { far: { range: 2 } } })
 * const { vectors, targets } = task.batch(0, 32)
 * if (vectors.shape.join() !== '32,11,6' || targets.shape.join() !== '32,1') throw new Error('wrong shapes')
 */
export function inContextRegression(options: InContextRegressionOptions = {}): Task {
  const where = 'inContextRegression'
  const { seeds, evaluationSize, evaluators, ...form } = readOptions(where, options, inContextRegressionRules)
  const changes = givenOf(evaluators)
  requirePossible(`${where}: `, form)
  for (const name in changes) requirePossible(`${where}: evaluators.${name}.`, { ...form, ...changes[name] })
  const [length, width] = sizesOf(form)
  return sequenceTask({
    name: 'in-context-regression',
    config: { ...form, evaluators: changes },
    sizes: { width, length, outputs: 1 },
    arrays: arraysOf(form),
    objective: squaredError({ weights: form.score === 'all' }),
    sample: sampleOf(form),
    evaluators: Object.fromEntries(
      Object.entries(changes).map(([name, change]) => [name, sampleOf({ ...form, ...change })]),
    ),
    seeds,
    evaluationSize,
  })
}

function sizesOf({ tokens, pairs, dimensions }: Form): [length: number, width: number] {
  return tokens === 'constructed' ? [pairs + 1, dimensions + 1] : [2 * pairs + 1, dimensions]
}

function arraysOf(form: Form): ArrayForms {
  const [length, width] = sizesOf(form)
  const vectors = floats([length, width])
  if (form.score === 'query') return { vectors, targets: floats(1) }
  return { vectors, targets: floats([length, 1]), weights: floats(length) }
}

function requirePossible(where: string, { tokens, score, pairs, distractors }: Form): void {
  check(`${where}distractors`, distractors, integer(0, pairs), 'They are labels of the context.')
  if (score === 'query' || tokens === 'classic') return
  throw new OpsinError('VALUE', {
    where: `${where}score`,
    expected: '"query" with constructed tokens, which hold y beside x',
    got: '"all"',
  })
}

/** One problem: [pairs + 1, dimensions] inputs, the query's last; their y without noise; the labels shown. */
function problemOf(form: Form) {
  const { dimensions, pairs, inputs, range, weightScale, noise, distractors } = form
  const w = new Float64Array(dimensions)
  const x = new Float64Array((pairs + 1) * dimensions)
  const y = new Float64Array(pairs + 1)
  const labels = new Float64Array(pairs)
  const coordinate = (draw: Draws) => range * (inputs === 'uniform' ? draw.uniform() - 0.5 : draw.normal())
  return (draw: Draws) => {
    for (let d = 0; d < dimensions; d++) w[d] = weightScale * draw.normal()
    for (let i = 0; i < x.length; i++) x[i] = coordinate(draw)
    for (let pair = 0; pair <= pairs; pair++) {
      let sum = 0
      for (let d = 0; d < dimensions; d++) sum += w[d] * x[pair * dimensions + d]
      y[pair] = sum
    }
    // Drawn last, so that the problem is the same with and without.
    for (let pair = 0; pair < pairs; pair++) {
      labels[pair] = pair < pairs - distractors ? y[pair] + noise * draw.normal() : draw.normal()
    }
    return { x, y, labels }
  }
}

function sampleOf(form: Form): Sample {
  const { dimensions, pairs, tokens, score } = form
  const [length, width] = sizesOf(form)
  const problem = problemOf(form)
  const vectors = new Float64Array(length * width)
  const weights = Float64Array.from({ length }, (_, pos) => (pos + 1) % 2)
  const targets = new Float64Array(length)
  const apart = tokens === 'classic' ? 2 : 1
  return (draw) => {
    const { x, y, labels } = problem(draw)
    for (let pair = 0; pair <= pairs; pair++) {
      const row = pair * apart * width
      for (let d = 0; d < dimensions; d++) vectors[row + d] = x[pair * dimensions + d]
      targets[pair * apart] = y[pair]
      // The last coordinate of the same vector, or of the next.
      if (pair < pairs) vectors[row + apart * width - 1] = labels[pair]
    }
    return score === 'all' ? { vectors, targets, weights } : { vectors, targets: y.subarray(pairs) }
  }
}
