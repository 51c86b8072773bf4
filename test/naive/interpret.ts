import type { Intervention, Model, Parameters, Site, Tensor } from 'opsin'
import { act, coordinates, elementRead, forward, hiddenAt, type Setting, writtenMask } from './interventions.ts'
import { equationsOf, type Learner } from './network.ts'
import { type Equations, type Weights, weightsFrom } from './part.ts'
import { Circular, gradientsOf, leaf, pick, type Value } from './tape.ts'

/** An intervention and its place in the list. */
export interface Placed {
  readonly index: number
  readonly intervention: Intervention
}

/** What the documentation says comes of a batch under interventions. */
export interface Outcome {
  /** A hook point's value or gradient, in any pass. */
  read(point: string, pass?: string): Float64Array
  shape(point: string): readonly number[]
  parameterGradient(name: string): Float64Array
  /** The largest gradient anywhere: what rounding is to be measured by where gradients cancel. */
  readonly largest: number
  /** The largest value anywhere but among scores. */
  readonly largestValue: number
  /** By place in the list: how many elements are written, and the largest change. */
  readonly receipts: ReadonlyMap<number, { readonly elements: number; readonly largestChange: number }>
}

/**
 * Runs a model under interventions that act together, by the documentation alone: every hook point of every pass is its
 * equation, then each intervention on it by rising order; whoever reads a point elsewhere reads what all of them leave,
 * and one that reads its own point reads what is there when its turn comes.
 */
export function interpret(
  learner: Learner,
  inputs: Readonly<Record<string, Tensor>>,
  parameters: Parameters,
  list: readonly Placed[],
): Outcome {
  const run = new Run(learner, inputs, parameters, list)
  const { receipts, shapes, weights } = run
  return {
    receipts,
    read: (point, pass = 'main') => run.read({ point, pass }).data,
    shape: (point) => shapes[forward(point)],
    parameterGradient: (name) => run.gradientOf(weights[name]),
    largest: Math.max(...run.all().map(([, value]) => largestOf(run.gradientOf(value)))),
    largestValue: Math.max(...run.all().map(([name, { data }]) => (name.endsWith('scores') ? 0 : largestOf(data)))),
  }
}

class Run {
  readonly receipts = new Map<number, { elements: number; largestChange: number }>()
  readonly shapes: Record<string, number[]>
  readonly weights: Weights
  readonly gradientOf: (value: Value) => Float64Array
  readonly #setting: Setting
  readonly #equations: Equations
  readonly #known = new Map<string, Value>()
  readonly #open = new Set<string>()
  /** What is left to compute for the receipts alone. */
  readonly #late: (() => void)[] = []

  constructor(
    learner: Learner,
    inputs: Readonly<Record<string, Tensor>>,
    parameters: Parameters,
    readonly list: readonly Placed[],
  ) {
    this.#setting = settingOf(learner.model, inputs, list)
    this.shapes = shapesOf(learner.model, inputs)
    this.weights = weightsFrom(parameters)
    this.#equations = equationsOf(learner, this.weights, inputs, this.#setting.looksAhead)
    const passes = new Set(['main', ...list.flatMap(({ intervention }) => passesOf(intervention))])
    for (const pass of passes) for (const point of Object.keys(this.#equations)) this.value(pass, point)
    for (const measure of this.#late) measure()
    this.gradientOf = gradientsOf(this.value('main', 'loss'))
    for (const pass of passes) for (const point of Object.keys(this.#equations)) this.#hook(pass, point)
    // All of them, so that every hook has acted.
    for (const value of [...this.#known.values(), ...Object.values(this.weights)]) this.gradientOf(value)
  }

  all(): [string, Value][] {
    return [...this.#known]
  }

  /** A site's whole value, or its gradient. */
  read({ point, pass = 'main' }: Site): Value {
    const value = this.value(pass, forward(point))
    return forward(point) === point ? value : leaf(value.shape, this.gradientOf(value))
  }

  /** What a hook point is once all interventions on it have acted. */
  value(pass: string, point: string): Value {
    const name = `${pass}/${point}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    if (this.#open.has(name)) throw new Circular()
    this.#open.add(name)
    const acts = this.#actsOn(pass, point)
    const apply = (value: Value, act: Placed) =>
      this.#act(act, value, (site) => this.value(site.pass ?? 'main', site.point))
    const equation = () => this.#equations[point]((other) => this.value(pass, other))
    // Who writes all of a point leaves nothing of what was there: that is computed for the receipts, and may need it.
    const shape = this.shapes[point]
    const last = acts.reduce(
      (found, { intervention }, i) => (replaces(this.#setting, intervention, shape) ? i : found),
      -1,
    )
    if (last >= 0) this.#late.push(() => void acts.slice(0, last + 1).reduce(apply, equation()))
    const start = last < 0 ? equation() : blank(this.#setting, shape, point)
    const value = acts.slice(Math.max(last, 0)).reduce(apply, start)
    const final = pick(value, value.shape, (i) => i)
    this.#open.delete(name)
    this.#known.set(name, final)
    return final
  }

  /** Lets the interventions on a point's gradient act when it is formed. */
  #hook(pass: string, point: string): void {
    const acts = this.#actsOn(pass, `grad(${point})`)
    if (acts.length === 0) return
    const value = this.value(pass, point)
    value.hook = (gradient) =>
      acts.reduce((now, act) => this.#act(act, now, (site) => this.read(site)), leaf(value.shape, gradient)).data
  }

  #actsOn(pass: string, point: string): Placed[] {
    return this.list
      .filter(({ intervention: { at } }) => (at.pass ?? 'main') === pass && at.point === point)
      .sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
  }

  #act({ index, intervention }: Placed, before: Value, elsewhere: (site: Site) => Value): Value {
    const { at } = intervention
    const after = act(this.#setting, intervention, before, (site) =>
      site.point === at.point && (site.pass ?? 'main') === (at.pass ?? 'main') ? before : elsewhere(site),
    )
    const elements = writtenMask(this.#setting, intervention, after.shape).filter(Boolean).length
    const largestChange = before.data.reduce((most, x, i) => Math.max(most, Math.abs(after.data[i] - x)), 0)
    this.receipts.set(index, { elements, largestChange })
    return after
  }
}

export function largestOf(data: Float64Array): number {
  return data.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
}

/** Whether nothing of what was at a point is left once this has acted: not a number, and no way for a gradient. */
function replaces(setting: Setting, intervention: Intervention, shape: readonly number[]): boolean {
  const { kind, at } = intervention
  if (kind === 'scale' || kind === 'forbid' || (kind !== 'ablate' && intervention.gradient === 'pass')) return false
  if (kind === 'patch' && readsOwnPoint(intervention)) return false
  const hidden = blank(setting, shape, at.point).data
  return writtenMask(setting, intervention, shape).every((written, i) => written || !Number.isNaN(hidden[i]))
}

/** A point of which nothing is known but what the causal mask puts there, unless somebody may look ahead. */
function blank({ model, looksAhead }: Setting, shape: readonly number[], point: string): Value {
  const hidden = looksAhead ? undefined : hiddenAt(model, point)
  const size = shape.reduce((a, b) => a * b, 1)
  return leaf(
    shape,
    Array.from({ length: size }, (_, i) => {
      const [, , query, key] = coordinates(i, shape)
      return hidden !== undefined && key > query ? hidden : Number.NaN
    }),
  )
}

function readsOwnPoint({ at, source }: Extract<Intervention, { kind: 'patch' }>): boolean {
  if (source.from !== 'activation') return false
  const site: Site = source.of ?? { point: at.point }
  return site.point === at.point && (source.pass ?? site.pass ?? at.pass ?? 'main') === (at.pass ?? 'main')
}

function passesOf(intervention: Intervention): string[] {
  return [intervention.at.pass ?? 'main', ...sourcePasses(intervention)]
}

/** The passes that an intervention's source reads. */
export function sourcePasses(intervention: Intervention): string[] {
  if (intervention.kind !== 'patch') return []
  const { at, source } = intervention
  if (source.from === 'copy') return [source.scores.pass ?? 'main']
  if (source.from === 'activation') return [source.pass ?? source.of?.pass ?? at.pass ?? 'main']
  throw new Error(`no source ${source.from} here`)
}

export function settingOf(model: Model, inputs: Setting['inputs'], list: readonly Placed[]): Setting {
  const looksAhead = list.some(({ intervention }) => intervention.causal === false)
  return { model, inputs, words: model.positions(model.sizes(inputs)), looksAhead }
}

/** The shape of every hook point. */
export function shapesOf(model: Model, inputs: Setting['inputs']): Record<string, number[]> {
  const sizes = model.sizes(inputs)
  const length = sizes.length ?? 2 * sizes.pairs + 1
  return Object.fromEntries(
    [...model.hookPoints].map(([point, { axes, sizes: own }]) => {
      const sizeOf = (axis: string) => (axis === 'batch' ? sizes.batch : (own?.[axis as 'head'] ?? length))
      const atLast = Object.values(model.readouts).some(({ at, logits }) => at === 'last' && logits === point)
      return [point, axes.map((axis) => (atLast && axis === 'pos' ? 1 : sizeOf(axis)))]
    }),
  )
}

/** What is wrong with interventions that act together: the codes of errors that may come, none if all is well. */
export function faultsOf(
  setting: Setting,
  shapeOf: (point: string) => readonly number[],
  list: readonly Placed[],
): Set<string> {
  const faults = new Set<string>()
  const masks = list.map(({ intervention }) => writtenMask(setting, intervention, shapeOf(intervention.at.point)))
  if (masks.some((mask) => !mask.includes(true))) faults.add('NO_EFFECT')
  for (const [i, a] of list.entries()) {
    for (const [j, b] of list.entries()) {
      if (i === j || !sameTurn(a.intervention, b.intervention)) continue
      if (masks[i].some((written, element) => written && masks[j][element])) faults.add('CONFLICT')
      const read = ownRead(setting, a.intervention, masks[i], shapeOf(a.intervention.at.point))
      if (read.some((element) => masks[j][element])) faults.add('CONFLICT')
    }
  }
  if (leavesNoKey(setting, shapeOf, list, masks)) faults.add('VALUE')
  return faults
}

function sameTurn(a: Intervention, b: Intervention): boolean {
  const place = ({ at, order = 0 }: Intervention) => `${at.pass ?? 'main'}/${at.point} ${order}`
  return place(a) === place(b)
}

/** The elements of its own point that an intervention reads. */
function ownRead(setting: Setting, intervention: Intervention, mask: boolean[], shape: readonly number[]): number[] {
  if (intervention.kind !== 'patch' || intervention.source.from !== 'activation') return []
  const { at, source } = intervention
  const site: Site = source.of ?? { point: at.point }
  if (!readsOwnPoint(intervention)) return []
  const element = elementRead(setting, site, source.shift ?? 0, shape, shape)
  return element === undefined ? [] : mask.flatMap((written, i) => (written ? [element(i)] : []))
}

/** Whether forbidden edges leave some query none. */
function leavesNoKey(
  setting: Setting,
  shapeOf: (point: string) => readonly number[],
  list: readonly Placed[],
  masks: readonly boolean[][],
): boolean {
  const places = new Set(list.map(({ intervention: { at } }) => `${at.pass ?? 'main'}/${at.point}`))
  return [...places].some((place) => {
    const here = [...list.entries()].filter(
      ([
        ,
        {
          intervention: { kind, at },
        },
      ]) => kind === 'forbid' && `${at.pass ?? 'main'}/${at.point}` === place,
    )
    if (here.length === 0) return false
    const shape = shapeOf(place.slice(place.indexOf('/') + 1))
    const left = new Map<string, boolean>()
    for (let element = 0; element < shape.reduce((a, b) => a * b, 1); element++) {
      const [b, h, query, key] = coordinates(element, shape)
      const visible = !setting.model.causal || key <= query
      const row = `${b} ${h} ${query}`
      const open = visible && !here.some(([i]) => masks[i][element])
      left.set(row, (left.get(row) ?? false) || open)
    }
    return [...left.values()].includes(false)
  })
}
