import type { Model, Sizes } from '../architectures/define.ts'
import { running } from '../backends/onnx/ort.ts'
import { optional, readOptions } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { list } from '../core/fields.ts'
import { OneAtATime } from '../core/one-at-a-time.ts'
import { show } from '../core/show.ts'
import type { Tensor } from '../core/tensor.ts'
import { allFinite, type InputArrays } from '../inference/inputs.ts'
import type { Learner } from '../inference/learner.ts'
import type { Receipt } from '../inference/receipts.ts'
import type { RunResult } from '../inference/run-with-cache.ts'
import { checkInterventions } from '../interventions/check.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { beforeGate } from '../onnx/gates.ts'
import type { OnnxContents } from '../onnx/inspect.ts'
import { feedsOf } from './feeds.ts'
import { requireDeclared } from './fit.ts'
import { Gates, type SetGate } from './gated.ts'
import type { OpenFile } from './open-file.ts'
import { fromRuntime } from './tensors.ts'

/** An ONNX file made ready to run many times. */
export interface OnnxSession<M extends Model = Model> {
  /** The package that computes, its version, and its execution provider. */
  readonly engine: string
  /** The model of the file, for `at` and the like. @throws OpsinError `VALUE` where it is not known. */
  readonly model: M
  /** The hook points that each run reads. */
  readonly hooks: readonly string[]
  /** The contents of the file. */
  readonly contents: OnnxContents
  /**
   * Runs the file on inputs (a batch and tables together), under interventions at its gates: all of them act, as in every run that is
   * at no moment of a training.
   *
   * @throws OpsinError for inputs and interventions that do not fit, as on every engine; `VALUE` for an intervention that is no gate,
   * `NAME` for one at a point without; `NOT_FINITE` naming the first point that has NaN or infinity.
   */
  run(inputs: InputArrays, options?: { readonly interventions?: readonly Intervention[] }): Promise<RunResult<string>>
  /** Frees the runtime's memory. No further run is possible. */
  close(): Promise<void>
}

const runTable = { interventions: optional({ ...list, expected: 'a list of interventions' }, []) }

/** A session over an opened file. */
export function sessionOver<M extends Model>(file: OpenFile): OnnxSession<M> {
  const { engine, contents, read, learner } = file
  const gates = new Map<Model, Gates>()
  // A session of a runtime does one thing at a time.
  const turns = new OneAtATime()
  let open = true
  const compute = async (inputs: InputArrays, set: ReadonlyMap<string, SetGate>): Promise<RunResult<string>> => {
    if (!open)
      throw new OpsinError('ENGINE', { where: 'session.run', expected: 'an open session', got: 'a closed one' })
    const feeds = feedsOf(file, inputs, set)
    const fetches = [...new Set([...read, ...[...set.keys()].map(beforeGate)])]
    const results = await running(engine, () => file.session.run(feeds, fetches))
    const valueAt = (name: string) => fromRuntime(`output "${name}"`, results[name], file.axes(name))
    const cache = Object.fromEntries(read.map((name) => [name, valueAt(name)]))
    const receipts = [...set].flatMap(([point, gate]) => gate.receipts(valueAt(beforeGate(point)).data))
    requireFiniteResults(file, cache, receipts)
    return { cache, receipts: receipts.sort((a, b) => a.index - b.index), engine }
  }
  return {
    engine,
    contents,
    hooks: read,
    get model() {
      if (learner !== undefined) return learner.bare as M
      throw withoutModel('session.model')
    },
    async run(inputs, options = {}) {
      const interventions = readOptions('session.run', options, runTable).interventions as readonly Intervention[]
      if (learner === undefined) {
        if (interventions.length > 0) throw withoutModel('session.run: interventions')
        requireDeclared(contents.inputs, inputs)
      }
      const set =
        learner === undefined ? new Map<string, SetGate>() : setGates(file, learner, gates, inputs, interventions)
      return turns.run(() => compute(inputs, set))
    },
    async close() {
      await turns.run(async () => {
        if (open) await file.session.release()
        open = false
      })
    },
  }
}

/** The gates that interventions set, after checking them and the inputs. */
function setGates(
  { contents, read }: OpenFile,
  learner: Learner,
  known: Map<Model, Gates>,
  inputs: InputArrays,
  interventions: readonly Intervention[],
): Map<string, SetGate> {
  checkInterventions(learner.bare, interventions)
  const model = learner.for(inputs, read, interventions)
  const gates = known.get(model) ?? new Gates(model, contents.opsin?.gates ?? [])
  known.set(model, gates)
  const sizes = model.sizes(inputs)
  gates.require(sizes, inputs)
  requireSizes(contents, sizes)
  return gates.set(sizes, inputs, interventions)
}

/** Throws OpsinError `SHAPE` for a size other than the file's fixed one. */
function requireSizes({ opsin }: OnnxContents, sizes: Sizes): void {
  if (opsin === undefined) return
  for (const [name, size] of Object.entries(opsin.sizes)) {
    if (opsin.free.includes(name) || sizes[name] === size) continue
    throw new OpsinError('SHAPE', {
      where: `inputs: ${name}`,
      expected: `${size}, which this file was exported at`,
      got: show(sizes[name]),
      hint: `Free are: ${opsin.free.join(', ') || 'none'}. Export another file for other sizes.`,
    })
  }
}

function requireFiniteResults(
  { learner }: OpenFile,
  cache: Readonly<Record<string, Tensor>>,
  receipts: readonly Receipt[],
): void {
  // In the order in which points fire, as far as somebody knows it.
  const names = new Set([...(learner?.bare.hookPoints.keys() ?? []), ...Object.keys(cache)])
  const bad = [...names].find((name) => name in cache && !allFinite(cache[name].data))
  if (bad === undefined && allFinite(receipts.map((one) => one.largestChange))) return
  throw new OpsinError('NOT_FINITE', {
    where: bad ?? 'a gate',
    expected: 'finite numbers',
    got: 'NaN or infinity',
    hint: 'Look at the inputs and interventions before this point.',
  })
}

function withoutModel(where: string): OpsinError {
  return new OpsinError('VALUE', {
    where,
    expected: 'a file of a model that opsin can rebuild',
    got: 'another: of a model of your own, or from elsewhere',
    hint: 'For a model of your own, say which: load(bytes, { model }). What is from elsewhere can only be read.',
  })
}
