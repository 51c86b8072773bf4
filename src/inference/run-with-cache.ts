import { requireModel } from '../architectures/check.ts'
import type { HookName, Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
import { type EngineRequest, engine } from '../backends/index.ts'
import { numbered } from '../compile/intervene.ts'
import { anything, optional, type Rule, readOptions, text } from '../core/check.ts'
import { list } from '../core/fields.ts'
import type { Tensor } from '../core/tensor.ts'
import { checkInterventions, requireReadPasses } from '../interventions/check.ts'
import type { Site } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { splitPass } from '../interventions/read.ts'
import { anObjective, type Objective } from '../objectives/objective.ts'
import { withObjective } from '../objectives/with-objective.ts'
import { type InputArrays, isJudged } from './inputs.ts'
import { Reader } from './reader.ts'
import { type Receipt, Receipts } from './receipts.ts'
import { checkParameters } from './state.ts'

export interface RunOptions<Name extends string> {
  /** The hook points to read; `grad(name)` for gradients. Default: `logits`, and `loss` where the inputs bring targets. */
  readonly cache?: readonly Name[]
  /** All of them act: a run by itself is at no moment of a training, so their windows and phases do not count. */
  readonly interventions?: readonly Intervention[]
  /** What `loss` is; default cross-entropy with `targets` as ids. Without one in use, no targets are needed. */
  readonly objective?: Objective
  /** Whose gradients they are: a point that holds one number, or a site that selects one. Default `loss`. */
  readonly gradientOf?: string | Site
  /** Default `wasm`. */
  readonly engine?: EngineRequest
}

export interface RunResult<Name extends string> {
  /** Copies of the points' values, with their axes; they never change. */
  readonly cache: Readonly<Record<Name, Tensor>>
  /** What each intervention did. */
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
  gradientOf: optional(anything as Rule<string | Site>),
  engine: optional(text as Rule<EngineRequest>),
} satisfies Record<keyof RunOptions<string>, Rule<any>>

/**
 * Runs a model once, under interventions, and gives the values of hook points: TransformerLens's `run_with_cache` and
 * `run_with_hooks` in one. Only what the wanted points need is computed.
 *
 * @param parameters from {@link initialize}, a training run or a file.
 * @param inputs the batch and the tables of a task together: `{ ...task.tables, ...task.evaluator('train', 8) }`.
 * @throws OpsinError `NAME` for points, inputs and options that do not exist, `SHAPE`, `DTYPE` and `VALUE` for inputs and
 * parameters that do not fit, `NOT_FINITE` where a value would be NaN or infinite, naming the point that went bad first.
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
  const {
    cache: wanted,
    objective,
    interventions: list,
    gradientOf,
    engine: name,
  } = readOptions('runWithCache', options, table)
  const interventions = list as readonly Intervention[]
  checkInterventions(model, interventions)
  const learner = withObjective(model, objective)
  // The default fits one read-out; several are judged by an objective that says what each is worth, or not at all.
  const several = Object.keys(model.readouts ?? {}).length > 1
  const judged = (objective !== undefined || !several) && isJudged(model, learner, inputs)
  const cache = wanted ?? (judged ? ['logits', 'loss'] : ['logits'])
  requireReadPasses(
    interventions,
    cache.map((name) => splitPass(name).pass),
  )
  const needsLoss = (name: string) => name.includes('grad(') || name.endsWith('loss')
  const points = [...cache, ...interventions.map(({ at }) => at.point)]
  const whole = judged || points.some(needsLoss) ? learner : model
  const state = checkParameters(model, parameters)
  const backend = await engine(name)
  const all = numbered(interventions)
  const reader = new Reader({ backend, model: whole, interventions: all, points: cache, gradientOf })
  const { points: values } = reader.read(state, inputs)
  const receipts = new Receipts(all)
  receipts.measure({ backend, model: whole }, all, state, inputs)
  for (const { index } of all) receipts.count(index)
  return { cache: values as Record<Name, Tensor>, receipts: receipts.list(), engine: backend.name }
}
