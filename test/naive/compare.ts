import { OpsinError, type Site, sgd } from 'opsin'
import { engine } from '../../src/backends/index.ts'
import { gradientName } from '../../src/graph/differentiate.ts'
import { Receipts } from '../../src/inference/receipts.ts'
import { checkParameters } from '../../src/inference/state.ts'
import { numbered } from '../../src/interventions/intervene.ts'
import { Trainer } from '../../src/train/trainer.ts'
import { type Case, throughJson } from './cases.ts'
import { faultsOf, interpret, largestOf, type Outcome, type Placed, settingOf, shapesOf } from './interpret.ts'
import { DoesNotFit, forward, selectedLists } from './interventions.ts'
import { Circular } from './tape.ts'

/** What came of comparing a case: nothing to say, or where opsin and the interpreter part. */
export type Verdict =
  | { readonly agrees: true; readonly how: string }
  | { readonly agrees: false; readonly what: string }

const tolerance = { reference: 1e-9, wasm: 1e-4 } as const

/** What is left of gradients that cancel, in units of the largest there is. */
const rounding = { reference: 1e-14, wasm: 3e-6 } as const

/** One training step of a case by opsin and by the interpreter. */
export async function compare(one: Case): Promise<Verdict> {
  const { model, inputs, list } = one
  const placed = list.map((intervention, index) => ({ index, intervention }))
  const expected = expectation(one, placed)
  let actual: Awaited<ReturnType<typeof runStep>>
  try {
    actual = await runStep(one)
  } catch (error) {
    if (!(error instanceof OpsinError)) return { agrees: false, what: `raw error: ${(error as Error).stack}` }
    if (error.code === 'NOT_FINITE') return { agrees: true, how: 'not finite' }
    return expected instanceof Set && expected.has(error.code)
      ? { agrees: true, how: error.code }
      : { agrees: false, what: `threw ${error.message}, expected ${describe(expected)}` }
  }
  if (expected instanceof Set) return { agrees: false, what: `ran, expected ${describe(expected)}` }
  // A value of 1e15 squared, as norms do, is beyond f32.
  if (one.engine === 'wasm' && expected.largestValue > 1e15) return { agrees: true, how: 'beyond f32' }
  const worst = largestDeviation(one, expected, actual)
  if (worst.deviation <= tolerance[one.engine]) return { agrees: true, how: 'ran' }
  if (one.engine === 'wasm' && worst.deviation <= 100 * conditionOf(one, placed, expected, worst.what)) {
    return { agrees: true, how: 'ran, ill-conditioned in f32' }
  }
  return { agrees: false, what: `${worst.what} off by ${worst.deviation}` }

  function describe(outcome: Outcome | Set<string>): string {
    return outcome instanceof Set ? [...outcome].join(' or ') : 'it to run'
  }
  function expectation(of: Case, all: readonly Placed[]): Outcome | Set<string> {
    const shapes = shapesOf(model, inputs)
    const faults = faultsOf(settingOf(model, inputs, all), (point) => shapes[forward(point)], all)
    if (faults.size > 0) return faults
    try {
      return interpret(of.model, of.inputs, of.weights, all)
    } catch (error) {
      if (error instanceof Circular) return new Set(['VALUE', 'SHAPE'])
      if (error instanceof DoesNotFit) return new Set(['SHAPE', 'VALUE'])
      throw error
    }
  }
}

/** One step as the library takes it, on interventions that were JSON. */
async function runStep({ model, inputs, weights, list, observed, without, engine: name }: Case) {
  const backend = await engine(name)
  const interventions = numbered(throughJson(list))
  const receipts = new Receipts(interventions)
  const { features, ...batch } = inputs
  const tables: Case['inputs'] = features === undefined ? {} : { features }
  const trainer = new Trainer({
    backend,
    model,
    optimizer: sgd({ lr: 1 }),
    interventions,
    receipts,
    tables,
    sizes: model.sizes(inputs),
    state: checkParameters(model, weights),
    observed,
    without,
  })
  const loss = trainer.train(batch)
  const gradients = Object.fromEntries(
    model.parameters.map(({ name }) => [name, trainer.read(gradientName(name)).data.slice()]),
  )
  return { loss, gradients, observed: trainer.observed(), receipts: receipts.list() }
}

type Step = Awaited<ReturnType<typeof runStep>>

function largestDeviation({ model, inputs, list, observed, engine }: Case, expected: Outcome, actual: Step) {
  let worst = { deviation: 0, what: 'nothing' }
  const noise = rounding[engine] * expected.largest
  const meet = (what: string, mine: ArrayLike<number>, theirs: ArrayLike<number>, floor = 0) => {
    const deviation = deviationOf(mine, theirs, floor)
    if (!(deviation <= worst.deviation)) worst = { deviation, what }
  }
  // A small loss is the difference of large logits.
  meet('loss', expected.read('loss'), [actual.loss], rounding[engine] * largestOf(expected.read('logits')))
  for (const { name } of model.parameters) meet(name, expected.parameterGradient(name), actual.gradients[name], noise)
  for (const site of observed) {
    const key = `${(site.pass ?? 'main') === 'main' ? '' : `${site.pass}/`}${site.point}`
    const whole = expected.read(site.point, site.pass)
    const setting = settingOf(model, inputs, [])
    const shape = expected.shape(site.point)
    const lists = selectedLists(setting, site, shape)
    const floor = ofGradient(site) ? noise : 0
    meet(`observed ${key}`, chosen(whole, shape, lists), actual.observed[key].data, floor)
  }
  for (const { index, elements, largestChange, fired } of actual.receipts) {
    const own = expected.receipts.get(index)
    if (own === undefined || own.elements !== elements || fired !== 1) {
      worst = {
        deviation: Number.POSITIVE_INFINITY,
        what: `receipt ${index}: ${JSON.stringify({ own, elements, fired })}`,
      }
    } else {
      // A small change is the difference of large values.
      const { at } = list[index]
      const floor = ofGradient(at) ? noise : rounding[engine] * largestOf(expected.read(at.point, at.pass))
      meet(`largest change ${index}`, [own.largestChange], [largestChange], floor)
    }
  }
  return worst
}

function ofGradient({ point }: Site): boolean {
  return forward(point) !== point
}

/** The elements that the lists name, row-major. */
function chosen(data: Float64Array, shape: readonly number[], lists: readonly number[][]): number[] {
  const walk = (axis: number, start: number): number[] =>
    axis === shape.length ? [data[start]] : lists[axis].flatMap((i) => walk(axis + 1, start * shape[axis] + i))
  return walk(0, 0)
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

/** How far rounding weights to f32 once more would move what is off: what no f32 engine can be asked to beat. */
function conditionOf(
  { model, inputs, weights }: Case,
  list: readonly Placed[],
  expected: Outcome,
  what: string,
): number {
  const moved = Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data, ...rest }], n) => [
      name,
      { ...rest, shape, data: Float64Array.from(data, (x, i) => x * (1 + ((i * 7 + n) % 3 ? 6e-8 : -6e-8))) },
    ]),
  )
  const other = interpret(model, inputs, moved, list)
  if (what === 'loss') return deviationOf(expected.read('loss'), other.read('loss'))
  const observed = /^observed (?:(.*)\/)?(.*)$/.exec(what)
  if (observed !== null)
    return deviationOf(expected.read(observed[2], observed[1]), other.read(observed[2], observed[1]))
  const change = /^largest change (\d+)$/.exec(what)
  if (change !== null) {
    const at = ({ receipts }: Outcome) => [receipts.get(Number(change[1]))?.largestChange ?? 0]
    return deviationOf(at(expected), at(other))
  }
  return model.parameters.some(({ name }) => name === what)
    ? deviationOf(expected.parameterGradient(what), other.parameterGradient(what))
    : 0
}
