import type { Parameters } from '../architectures/initialize.ts'
import type { EngineRequest, ProfileSample } from '../backends/index.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { type PassName, passNames } from '../graph/passes/index.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { Probe } from '../probes/define.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { EvaluationSet } from './evaluate.ts'
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

/** Throws OpsinError `NAME` for passes that there are not. */
export function checkWithout({ without = [] }: TrainOptions): void {
  for (const name of without) {
    if (!passNames.includes(name)) throw unknownName('train: without', 'the name of a pass', name, passNames)
  }
}

/** Throws OpsinError `VALUE` for lengths that make no sense. */
export function checkLengths(options: TrainOptions): void {
  const { sequences, batch = 32, checkpointEvery, evaluateAt } = options
  requirePositive('sequences', sequences)
  requirePositive('batch', batch)
  if (checkpointEvery !== undefined) requirePositive('checkpointEvery', checkpointEvery)
  if (typeof evaluateAt === 'number') requirePositive('evaluateAt', evaluateAt)
  else if (evaluateAt?.some((at) => !(Number.isInteger(at) && at >= 0))) {
    throw new OpsinError('VALUE', {
      where: 'train: evaluateAt',
      expected: 'numbers of sequences',
      got: JSON.stringify(evaluateAt),
    })
  }
}

function requirePositive(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return
  throw new OpsinError('VALUE', { where: `train: ${name}`, expected: 'a positive integer', got: String(value) })
}
