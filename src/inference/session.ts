import { requireModel } from '../architectures/check.ts'
import { countParameters } from '../architectures/count-parameters.ts'
import type { HookName, Model } from '../architectures/define.ts'
import type { Parameters } from '../architectures/initialize.ts'
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
import type { RunResult } from './run-with-cache.ts'
import { checkParameters } from './state.ts'

/** Options of {@link compile}. */
export interface CompileOptions<Name extends string> {
  /** The hook points that each run reads; `grad(name)` for gradients. Default `logits`. */
  readonly read?: readonly Name[]
  /** The objective of `loss`; default cross-entropy with `targets` as ids. Without a loss in use, no targets are needed. */
  readonly objective?: Objective
  /** The number to differentiate: a point that holds one number, or a site that selects one. Default `loss`. */
  readonly gradientOf?: string | Site
  /** Default `wasm`. */
  readonly engine?: EngineRequest
}

/** A model made ready to run many times. */
export interface Session<Name extends string> {
  readonly engine: string
  /**
   * Runs the model on inputs (a batch and tables together), under interventions: all of them act, since a single run is at
   * no moment of a training. Inputs of the same sizes and interventions of the same form (another head, another number) use
   * the same compiled program.
   *
   * @throws OpsinError for inputs and interventions that do not fit; `NOT_FINITE` where a value is, naming the point that went
   * bad first.
   */
  run(inputs: InputArrays, options?: { readonly interventions?: readonly Intervention[] }): Promise<RunResult<Name>>
}

const names: Rule<readonly string[]> = {
  expected: 'names of hook points',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
}

const table = {
  read: optional(names, ['logits']),
  objective: optional(anObjective),
  gradientOf: optional(aScalar),
  engine: optional(anEngine),
} satisfies Record<keyof CompileOptions<string>, Rule<any>>

const runTable = { interventions: optional({ ...list, expected: 'a list of interventions' }, []) }

/**
 * Makes a model ready to run many times, under other interventions each time: what the first run of a kind compiles, the
 * others use. To ablate every head in turn costs one compilation.
 *
 * @param parameters from {@link initialize}, a training run or a file.
 * @throws OpsinError `NAME` for points and options that do not exist, `SHAPE`, `DTYPE` and `VALUE` for parameters that do not
 * fit.
 * @example
 * import { ablate, at, attentionOnly, compile, fewShot, initialize } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const task = fewShot({ classes: 50, labels: 5 })
 * const session = await compile(model, initialize(model, 5), { read: ['loss'] })
 * const inputs = { ...task.tables, ...task.evaluator('train', 64) }
 * for (let head = 0; head < 8; head++) {
 *   const interventions = [ablate(at(model, 'blocks.1.attn.z', { head }))]
 *   const { cache } = await session.run(inputs, { interventions })
 *   console.assert(cache.loss.data[0] > 0)
 * }
 */
export async function compile<M extends Model, const Name extends HookName<M> = HookName<M> & 'logits'>(
  model: M,
  parameters: Parameters,
  options: CompileOptions<Name> = {},
): Promise<Session<Name>> {
  requireModel('compile', model)
  const { read, objective, gradientOf, engine: name } = readOptions('compile', options, table)
  const state = checkParameters(model, parameters)
  const backend = await engine(name, countParameters(model))
  const inference = new Inference(new Learner(model, objective), backend)
  return {
    engine: backend.name,
    async run(inputs, given = {}) {
      const interventions = readOptions('session.run', given, runTable).interventions as readonly Intervention[]
      const result = await inference.run(state, inputs, interventions, { read, gradientOf, lift: true })
      return { ...result, cache: result.cache as Record<Name, Tensor> }
    },
  }
}
