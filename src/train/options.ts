import type { Parameters } from '../architectures/initialize.ts'
import { anEngine, type EngineRequest, type ProfileSample } from '../backends/index.ts'
import { optional, type Rule, readOptions, seed, text } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { OpsinError } from '../core/errors.ts'
import { aFunction, list, object } from '../core/fields.ts'
import { requireKnownFields, unknownName } from '../core/nearest.ts'
import { type PassName, passNames } from '../graph/passes/index.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { anOptimizer, type Optimizer } from '../optimizers/define.ts'
import { areGroups, type Groups, groups } from '../optimizers/groups.ts'
import { type Probe, requireProbe } from '../probes/define.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type EvaluationSet, nameOfSet } from './evaluate.ts'
import type { TrainEvent } from './events.ts'
import type { Observation } from './observe.ts'

/** How to train. Lengths are in sequences (steps × batch), as in the papers. */
export interface TrainOptions {
  /** How long; rounded up to whole steps. */
  readonly sequences: number
  /** Sequences per step; default 32. */
  readonly batch?: number
  /** Of the initial parameters; default 5. (The data have seeds of their own, in the task.) */
  readonly seed?: number
  /** Initial parameters; default drawn from the seed. */
  readonly parameters?: Parameters
  /** One for all parameters, or `groups(…)`. Default Adam with learning rate 1e-5, as in Singh et al. 2024. */
  readonly optimizer?: Optimizer | Groups
  /** Default `wasm`. */
  readonly engine?: EngineRequest
  readonly interventions?: readonly Intervention[]
  /** Default loss and accuracy. */
  readonly probes?: readonly Probe[]
  /** Default the task's first evaluator, under the interventions of training. */
  readonly evaluations?: readonly EvaluationSet[]
  /** When to evaluate, besides the start and the end: every so many sequences (default 5000), or at these. */
  readonly evaluateAt?: number | readonly number[]
  /** Offers a checkpoint every so many sequences, and at the end. */
  readonly checkpointEvery?: number
  /** The checkpoint to resume from. */
  readonly resume?: Checkpoint
  /** Stops the run after the current step; {@link train} then throws the signal's reason. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: TrainEvent) => void
  /**
   * Hook points, and `grad(…)` of them, to keep readable at each step for {@link onStep}: by name, or as sites, of which
   * only the selection is computed and shown.
   *
   * @example
   * import { at, attentionOnly, fewShot, train } from 'opsin'
   * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
   * await train(model, fewShot(), {
   *   sequences: 64,
   *   observe: ['grad(blocks.0.attn.z)', at(model, 'blocks.1.attn.pattern', { query: 'last', head: 3 })],
   *   onStep: ({ values }) => console.log(values['blocks.1.attn.pattern'].shape), // [32, 1, 1, 5]
   * })
   */
  readonly observe?: readonly (string | Site)[]
  /** Called after each step, with the observed values. */
  readonly onStep?: (observation: Observation) => void
  /** Compiler passes to leave out, for measuring their gain. */
  readonly without?: readonly PassName[]
  /** Called after each kernel with its time. Slows the run down. */
  readonly profile?: (sample: ProfileSample) => void
}

function rule(expected: string, fits: (value: unknown) => boolean): Rule<unknown> {
  return { expected, fits }
}

const whole = rule('a whole number', (value) => Number.isInteger(value) && Number(value) >= 0)
const positive = rule('a positive integer', (value) => whole.fits(value) && Number(value) > 0)
const moments = rule('a positive integer or an array of whole numbers', (value) =>
  Array.isArray(value) ? value.every(whole.fits) : positive.fits(value),
)
const optimizer = rule(
  'an optimiser: adam(…), sgd(…), groups(…)',
  (value) => anOptimizer.fits(value) || (has(value, 'config', object) && has(value, 'groups', objects)),
)
const signal = rule('an AbortSignal', (value) => has(value, 'throwIfAborted', aFunction))
const checkpoint = rule(
  'a checkpoint: run.checkpoint, or decodeCheckpoint(bytes)',
  (value) =>
    has(value, 'step', whole) &&
    has(value, 'identity', object) &&
    has(value, 'state', object) &&
    has(value, 'records', objects) &&
    has(value, 'receipts', objects),
)
const objects = rule('objects', (value) => Array.isArray(value) && value.every(object.fits))

function has(value: unknown, name: string, { fits }: Rule<any>): boolean {
  return object.fits(value) && fits((value as Record<string, unknown>)[name])
}

const table = {
  sequences: positive,
  batch: optional(positive),
  seed: optional(seed),
  parameters: optional(object),
  optimizer: optional(optimizer),
  engine: optional(anEngine),
  interventions: optional(list),
  probes: optional(list),
  evaluations: optional(list),
  evaluateAt: optional(moments),
  checkpointEvery: optional(positive),
  resume: optional(checkpoint),
  signal: optional(signal),
  onEvent: optional(aFunction),
  observe: optional(list),
  onStep: optional(aFunction),
  without: optional(list),
  profile: optional(aFunction),
} satisfies Record<keyof TrainOptions, Rule<any>>

const evaluationTable = {
  name: optional(text),
  evaluator: text,
  count: optional(positive),
  interventions: optional(list),
} satisfies Record<keyof EvaluationSet, Rule<any>>

/**
 * Throws for options that do not fit by themselves.
 *
 * @throws OpsinError `NAME` for options, fields and passes that do not exist, `VALUE` for those that make no sense.
 */
export function checkOptions(options: TrainOptions): void {
  readOptions('train', options, table)
  const { probes = [], evaluations = [], without = [], optimizer } = options
  if (optimizer !== undefined && areGroups(optimizer)) requireGroups(optimizer)
  probes.forEach((probe, i) => void requireProbe(`train: probes[${i}]`, probe))
  evaluations.forEach((set, i) => void readOptions(`train: evaluations[${i}]`, set, evaluationTable))
  const probeNames = probes.map(({ name }) => name)
  requireDistinct('probes', probeNames)
  requireDistinct('evaluations', evaluations.map(nameOfSet))
  for (const name of without) {
    if (!passNames.includes(name)) throw unknownName('train: without', 'the name of a pass', String(name), passNames)
  }
}

/** In plain JavaScript they may be written by hand. */
function requireGroups(given: Groups): void {
  requireKnownFields('train: optimizer', 'a field of groups', given, ['config', 'groups', 'clip'])
  groups(given.groups, defined({ clip: given.clip }))
}

/** Records identify probes and sets by their names. */
function requireDistinct(what: string, names: readonly string[]): void {
  const again = names.findIndex((name, i) => names.indexOf(name) < i)
  if (again < 0) return
  throw new OpsinError('VALUE', {
    where: `train: ${what}[${again}]`,
    expected: 'a name of its own',
    got: `${JSON.stringify(names[again])} again`,
    hint: 'Give it another name: records and curves go by it.',
  })
}
