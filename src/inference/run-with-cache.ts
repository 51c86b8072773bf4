import { requireModel } from '../architectures/check.ts'
import { countParameters } from '../architectures/count-parameters.ts'
import type { HookName, Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import type { Backend } from '../backends/backend.ts'
import { anEngine, type EngineRequest, engine } from '../backends/index.ts'
import { optional, type Rule, readOptions, text } from '../core/check.ts'
import { list } from '../core/fields.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { aScalar } from '../interventions/observed.ts'
import { anObjective, type Objective } from '../objectives/objective.ts'
import { Inference } from './inference.ts'
import type { InputArrays } from './inputs.ts'
import { Learner } from './learner.ts'
import type { Receipt } from './receipts.ts'
import { checkParameters } from './state.ts'

export interface RunOptions<Name extends string> {
  /** The hook points to read; `grad(name)` for gradients. Default: `logits`, and `loss` where the inputs bring targets. */
  readonly cache?: readonly Name[]
  /** All of them act: a run by itself is at no moment of a training, so their windows and phases do not count. */
  readonly interventions?: readonly Intervention[]
  /** The objective of `loss`; default cross-entropy with `targets` as ids. Without one in use, no targets are needed. */
  readonly objective?: Objective
  /** The number to differentiate: a point that holds one number, or a site that selects one. Default `loss`. */
  readonly gradientOf?: string | Site
  /** Default `wasm`. */
  readonly engine?: EngineRequest
}

export interface RunResult<Name extends string> {
  /** Copies of the points' values, with their axes; they never change. */
  readonly cache: Readonly<Record<Name, Tensor>>
  /** The effect of each intervention. */
  readonly receipts: readonly Receipt[]
  readonly engine: string
}

const names: Rule<readonly string[]> = {
  expected: 'names of hook points',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
}

const table = {
  cache: optional(names),
  interventions: optional({ ...list, expected: 'a list of interventions' }, []),
  objective: optional(anObjective),
  gradientOf: optional(aScalar),
  engine: optional(anEngine),
} satisfies Record<keyof RunOptions<string>, Rule<any>>

/**
 * Runs a model once, under interventions, and gives the values of hook points: TransformerLens's `run_with_cache` and
 * `run_with_hooks` in one. Only the points read, and the values they depend on, are computed.
 *
 * @param parameters from {@link initialize}, a training run or a file.
 * @param inputs the batch and the tables of a task together: `{ ...task.tables, ...task.evaluator('train', 8) }`.
 * @throws OpsinError `NAME` for points, inputs and options that do not exist, `SHAPE`, `DTYPE` and `VALUE` for inputs and
 * parameters that do not fit, `NOT_FINITE` where a value would be NaN or infinite, naming the first point that is not finite.
 * @example
 * import { ablate, at, attentionOnly, fewShot, initialize, runWithCache } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const task = fewShot({ classes: 50, labels: 5 })
 * const inputs = { ...task.tables, ...task.evaluator('train', 8) }
 * const { cache, receipts } = await runWithCache(model, initialize(model, 5), inputs, {
 *   cache: ['logits', 'blocks.1.attn.pattern', 'grad(blocks.0.attn.z)'],
 *   interventions: [ablate(at(model, 'blocks.1.attn.v', { head: 3 }))],
 * })
 * console.assert(cache['blocks.1.attn.pattern'].shape.join() === '8,8,5,5' && receipts[0].elements === 8 * 5 * 8)
 */
export async function runWithCache<M extends Model, const Name extends HookName<M> = HookName<M> & ('logits' | 'loss')>(
  model: M,
  parameters: Parameters,
  inputs: InputArrays,
  options: RunOptions<Name> = {},
): Promise<RunResult<Name>> {
  requireModel('runWithCache', model)
  const given = readOptions('runWithCache', options, table)
  const { objective, gradientOf } = given
  const interventions = given.interventions as readonly Intervention[]
  const state = checkParameters(model, parameters)
  const backend = await engine(given.engine, countParameters(model))
  const learner = objective === undefined ? learnerOf(model) : new Learner(model, objective)
  const read = given.cache ?? (learner.isJudged(inputs) ? ['logits', 'loss'] : ['logits'])
  const result = await inferenceOf(learner, backend).run(state, inputs, interventions, { read, gradientOf })
  return { ...result, cache: result.cache as Record<Name, Tensor> }
}

const learners = new WeakMap<Model, Learner>()

function learnerOf(model: Model): Learner {
  const known = learners.get(model) ?? new Learner(model)
  learners.set(model, known)
  return known
}

const inferences = new WeakMap<Learner, Map<string, Inference>>()

/** The programs of earlier runs of the same model, as long as the model lives. */
function inferenceOf(learner: Learner, backend: Backend): Inference {
  const known = inferences.get(learner) ?? new Map<string, Inference>()
  inferences.set(learner, known)
  const inference = known.get(backend.name) ?? new Inference(learner, backend)
  known.set(backend.name, inference)
  return inference
}
