import { OpsinError, type Site, sgd } from 'opsin'
import { type EngineName, engine } from '../../src/backends/index.ts'
import { numbered } from '../../src/compile/intervene.ts'
import { Programs } from '../../src/compile/programs.ts'
import { gradientName } from '../../src/graph/address.ts'
import { Receipts } from '../../src/inference/receipts.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { Trainer } from '../../src/train/trainer.ts'
import { selectedValues } from '../support/selection.ts'
import { type Case, throughJson } from './cases.ts'
import { faultsOf, interpret, largestOf, type Outcome, settingOf, shapesOf } from './interpret.ts'
import { DoesNotFit, forward } from './interventions.ts'
import { Circular, CircularGradient } from './tape.ts'

/** What came of comparing a case: nothing to say, or where opsin and the interpreter part. */
export type Verdict =
  | { readonly agrees: true; readonly how: string }
  | { readonly agrees: false; readonly what: string }

/** Max-abs difference over max-abs value. */
const tolerance = { reference: 1e-9, wasm: 1e-4 } as const

/** What is left of differences of large numbers, in units of those. */
const rounding: Record<string, number> = { reference: 1e-12, wasm: 1e-5, 'reference-f32': 0 }

/** What a norm makes of equal numbers: 0, but for their rounding, which it divides by √eps = 1/316. */
const stillness: Record<string, number> = { reference: 1e-13, wasm: 2e-5, 'reference-f32': 0 }

/** Among the codes of errors that may come: none need come. */
export const MAY_RUN = 'may run'

/** How much worse than the plain f32 engine the fast one may be, where f32 itself is further off than the tolerance. */
const ALLOWANCE = 30

/** One training step of a case by opsin and by the interpreter. */
export async function compare(one: Case): Promise<Verdict> {
  const expected = expectation(one)
  let actual: Step
  try {
    actual = await runStep(one, one.engine)
  } catch (error) {
    if (!(error instanceof OpsinError)) return { agrees: false, what: `raw error: ${(error as Error).stack}` }
    if (error.code === 'NOT_FINITE') return { agrees: true, how: 'not finite' }
    if (expected instanceof Set && expected.has(error.code)) return { agrees: true, how: error.code }
    return { agrees: false, what: `threw ${error.message}, expected ${describe(expected)}` }
  }
  if (expected instanceof Set && expected.has(MAY_RUN)) return { agrees: true, how: 'beyond the interpreter' }
  if (expected instanceof Set) return { agrees: false, what: `ran, expected ${describe(expected)}` }
  // A value of 1e15 squared, as norms do, is beyond f32.
  if (one.engine === 'wasm' && expected.largestValue > 1e15) return { agrees: true, how: 'beyond f32' }
  const off = beyond(tolerance[one.engine], deviations(one, expected, actual, one.engine))
  if (off.length === 0) return { agrees: true, how: 'ran' }
  if (one.engine === 'wasm' && (await isRounding(one, expected, off)))
    return { agrees: true, how: 'ran, as far off as f32' }
  return { agrees: false, what: off.map(([what, deviation]) => `${what} off by ${deviation}`).join(', ') }
}

/** Whether the f64 engine agrees with the interpreter and the plain f32 one is off as well. */
async function isRounding(one: Case, expected: Outcome, off: readonly [string, number][]): Promise<boolean> {
  const [exact, plain] = await Promise.all([runStep(one, 'reference'), runStep(one, 'reference-f32')])
  if (beyond(tolerance.reference, deviations(one, expected, exact, 'reference')).length > 0) return false
  const own = deviations(one, expected, plain, 'reference-f32')
  return off.every(([what, deviation]) => deviation <= ALLOWANCE * own[what])
}

/** What the documentation says: an outcome, or the codes of errors that may come. */
function expectation({ model, objective, inputs, weights, list }: Case): Outcome | Set<string> {
  const placed = list.map((intervention, index) => ({ index, intervention }))
  const shapes = shapesOf(model, inputs)
  const faults = faultsOf(settingOf(model, inputs, placed), (point) => shapes[forward(point)], placed)
  if (faults.size > 0) return faults
  try {
    return interpret({ model, objective }, inputs, weights, placed)
  } catch (error) {
    if (error instanceof CircularGradient) return new Set(['VALUE', 'SHAPE', MAY_RUN])
    if (error instanceof Circular) return new Set(['VALUE', 'SHAPE'])
    if (error instanceof DoesNotFit) return new Set(['SHAPE', 'VALUE', 'CONFLICT'])
    throw error
  }
}

function describe(outcome: Outcome | Set<string>): string {
  return outcome instanceof Set ? [...outcome].join(' or ') : 'it to run'
}

/** One step as the library takes it, on interventions that were JSON. */
async function runStep(one: Case, name: EngineName) {
  const { model, objective, inputs, weights, list, observed, without } = one
  const backend = await engine(name)
  const interventions = numbered(throughJson(list))
  const receipts = new Receipts(interventions)
  const { features, ...batch } = inputs
  const tables: Case['inputs'] = features === undefined ? {} : { features }
  const trainer = new Trainer({
    programs: new Programs(backend, withObjective(model, objective)),
    optimizer: sgd({ lr: 1 }),
    interventions,
    receipts,
    tables,
    sizes: model.sizes(inputs),
    state: checkParameters(model, weights),
    observed,
    without,
  })
  const loss = await trainer.train(batch)
  const gradients = Object.fromEntries(
    model.parameters.map(({ name }) => [name, trainer.read(gradientName(name)).data.slice()]),
  )
  return { loss, gradients, observed: trainer.observed(), receipts: receipts.list() }
}

type Step = Awaited<ReturnType<typeof runStep>>

/** By what is compared: how far a step is from what was expected. */
function deviations(
  { model, inputs, list, observed }: Case,
  expected: Outcome,
  actual: Step,
  name: EngineName,
): Record<string, number> {
  const noise = rounding[name] * expected.largest
  const still = stillness[name]
  // A small loss is the difference of large logits, a small change that of large values.
  const off: Record<string, number> = {
    loss: deviationOf(expected.read('loss'), [actual.loss], rounding[name] * largestLogit(model, expected)),
  }
  for (const { name } of model.parameters) {
    off[name] = deviationOf(expected.parameterGradient(name), actual.gradients[name], noise)
  }
  for (const site of observed) {
    const key = `${(site.replica ?? 'main') === 'main' ? '' : `${site.replica}/`}${site.point}`
    const whole = { shape: expected.shape(site.point), data: expected.read(site.point, site.replica) }
    const chosen = selectedValues(model, site, whole, lengthOf(inputs))
    off[`observed ${key}`] = deviationOf(chosen, actual.observed[key].data, ofGradient(site) ? noise : still)
  }
  for (const { index, elements, largestChange, fired } of actual.receipts) {
    const own = expected.receipts.get(index)
    const { at } = list[index]
    const floor = ofGradient(at)
      ? noise
      : Math.max(still, rounding[name] * largestOf(expected.read(at.point, at.replica)))
    off[`elements of ${index}`] = own?.elements === elements && fired === 1 ? 0 : Number.POSITIVE_INFINITY
    off[`largest change of ${index}`] = deviationOf([own?.largestChange ?? Number.NaN], [largestChange], floor)
  }
  return off
}

function beyond(limit: number, off: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(off).filter(([, deviation]) => !(deviation <= limit))
}

function largestLogit({ readouts }: Case['model'], expected: Outcome): number {
  return Math.max(...Object.values(readouts).map(({ logits }) => largestOf(expected.read(logits))))
}

function lengthOf({ exemplars, tokens, vectors }: Case['inputs']): number {
  return exemplars === undefined ? (tokens ?? vectors).shape[1] : 2 * exemplars.shape[1] - 1
}

function ofGradient({ point }: Site): boolean {
  return forward(point) !== point
}

/** Max-abs difference over max-abs value, masked and forbidden scores apart: they must be met, but are no measure. */
function deviationOf(mine: ArrayLike<number>, theirs: ArrayLike<number>, floor = 0): number {
  let [difference, scale] = [0, 0]
  for (let i = 0; i < mine.length; i++) {
    const large = Math.abs(mine[i]) > 1e8
    const off = Math.abs(mine[i] - theirs[i]) / (large ? Math.abs(mine[i]) : 1)
    difference = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(difference, off)
    if (!large) scale = Math.max(scale, Math.abs(mine[i]))
  }
  if (mine.length !== theirs.length) return Number.POSITIVE_INFINITY
  return difference <= floor ? 0 : difference / (scale === 0 ? 1 : scale)
}
