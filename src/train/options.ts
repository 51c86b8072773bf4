import type { Parameters } from '../architectures/initialize.ts'
import type { EngineRequest, ProfileSample } from '../backends/index.ts'
import { OpsinError } from '../core/errors.ts'
import {
  aFunction,
  type Forms,
  form,
  isObject,
  list,
  positiveInteger,
  required,
  requireForms,
  requireOptions,
  text,
} from '../core/form.ts'
import { unknownName } from '../core/nearest.ts'
import { type PassName, passNames } from '../graph/passes/index.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Probe } from '../probes/define.ts'
import type { Checkpoint } from './checkpoint.ts'
import { type EvaluationSet, nameOfSet } from './evaluate.ts'
import type { TrainEvent } from './events.ts'
import type { Observation } from './observe.ts'
import type { Optimizer } from './optimizers/define.ts'

/** How to train. Lengths are in sequences (steps × batch), as in the papers. */
export interface TrainOptions {
  /** How long; rounded up to whole steps. */
  readonly sequences: number
  /** Sequences per step; default 32. */
  readonly batch?: number
  /** Of the initial parameters; default 5. (The data have seeds of their own, in the task.) */
  readonly seed?: number
  /** Where to start instead of drawing parameters from the seed. */
  readonly parameters?: Parameters
  /** Default Adam with learning rate 1e-5, as in Singh et al. 2024. */
  readonly optimizer?: Optimizer
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
  /** Where to go on. */
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
  /** Called after each step, with what is observed. */
  readonly onStep?: (observation: Observation) => void
  /** Passes over the graph to leave out, for measuring what each is worth. */
  readonly without?: readonly PassName[]
  /** Told after each kernel how long it took. The run is slower for it. */
  readonly profile?: (sample: ProfileSample) => void
}

const count = form('a whole number', (value) => Number.isInteger(value) && (value as number) >= 0)
const whenToEvaluate = form('a positive integer or an array of whole numbers', (value) =>
  Array.isArray(value) ? value.every(count.holds) : positiveInteger.holds(value),
)

/** Every option. */
const forms: Forms<TrainOptions> = {
  sequences: required(positiveInteger),
  batch: positiveInteger,
  seed: count,
  parameters: form('parameters by name', isObject),
  optimizer: form('an optimiser: adam(…), sgd(…)', (value) => isObject(value) && aFunction.holds(value.emit)),
  engine: text,
  interventions: list,
  probes: list,
  evaluations: list,
  evaluateAt: whenToEvaluate,
  checkpointEvery: positiveInteger,
  resume: form('a checkpoint: run.checkpoint, or decodeCheckpoint(bytes)', isCheckpoint),
  signal: form('an AbortSignal', (value) => isObject(value) && aFunction.holds(value.throwIfAborted)),
  onEvent: aFunction,
  observe: list,
  onStep: aFunction,
  without: list,
  profile: aFunction,
}

const evaluationForms: Forms<EvaluationSet> = {
  name: text,
  evaluator: required(text),
  count: positiveInteger,
  interventions: list,
}

const probeForms: Forms<Probe> = {
  name: required(text),
  points: required(form('names of hook points', (value) => Array.isArray(value) && value.every(text.holds))),
  every: positiveInteger,
  read: required(aFunction),
}

/**
 * Throws for whatever is wrong with options by themselves.
 *
 * @throws OpsinError `NAME` for options, fields and passes that do not exist, `VALUE` for those that make no sense.
 */
export function checkOptions(options: TrainOptions): void {
  requireOptions('train', options, forms)
  const { probes = [], evaluations = [], without = [] } = options
  // A probe may have a life of its own, and fields for it.
  probes.forEach((probe, i) => void requireForms(`train: probes[${i}]`, probe, probeForms))
  evaluations.forEach((set, i) => void requireOptions(`train: evaluations[${i}]`, set, evaluationForms))
  requireDistinct(
    'probes',
    probes.map(({ name }) => name),
  )
  requireDistinct('evaluations', evaluations.map(nameOfSet))
  for (const name of without) {
    if (!passNames.includes(name)) throw unknownName('train: without', 'the name of a pass', String(name), passNames)
  }
}

/** Records tell probes and sets by their names. */
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

function isCheckpoint(value: unknown): boolean {
  if (!isObject(value)) return false
  const { identity, step, state, records, receipts } = value
  return count.holds(step) && isObject(identity) && isObject(state) && list.holds(records) && list.holds(receipts)
}
