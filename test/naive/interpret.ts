import type { Intervention, Model, Parameters, Site, Tensor } from 'opsin'
import { act, coordinates, elementRead, forward, type Setting, writtenMask } from './interventions.ts'
import { equationsOf, weightsFrom } from './network.ts'
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
  model: Model,
  inputs: Readonly<Record<string, Tensor>>,
  parameters: Parameters,
  list: readonly Placed[],
): Outcome {
  const weights = weightsFrom(parameters)
  const equations = equationsOf(model, weights, inputs)
  const setting = settingOf(model, inputs, list)
  const shapes = shapesOf(model, inputs)
  const receipts = new Map<number, { elements: number; largestChange: number }>()
  const onPoint = (pass: string, point: string) =>
    list
      .filter(({ intervention: { at } }) => (at.pass ?? 'main') === pass && at.point === point)
      .sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
  const note = (index: number, intervention: Intervention, before: Float64Array, after: Value) => {
    const elements = writtenMask(setting, intervention, after.shape).filter(Boolean).length
    const largestChange = before.reduce((most, x, i) => Math.max(most, Math.abs(after.data[i] - x)), 0)
    receipts.set(index, { elements, largestChange })
  }

  const known = new Map<string, Value>()
  const open = new Set<string>()
  const late: (() => void)[] = []
  const valueOf = (pass: string, point: string): Value => {
    const name = `${pass}/${point}`
    const done = known.get(name)
    if (done !== undefined) return done
    if (open.has(name)) throw new Circular()
    open.add(name)
    const acts = onPoint(pass, point)
    const apply = (value: Value, { index, intervention }: Placed) => {
      const here = ({ point: other, pass: there = 'main' }: Site) =>
        other === point && there === pass ? value : valueOf(there, other)
      const after = act(setting, intervention, value, here)
      note(index, intervention, value.data, after)
      return after
    }
    const equation = () => equations[point]((other) => valueOf(pass, other))
    // Who writes all of a point leaves nothing of what was there: that is computed for the receipts, and may need it.
    const last = acts.reduce((found, one, i) => (replaces(setting, one.intervention, shapes[point]) ? i : found), -1)
    let value = last < 0 ? equation() : blank(setting, shapes[point], point)
    if (last >= 0) late.push(() => void acts.slice(0, last + 1).reduce(apply, equation()))
    for (const one of acts.slice(Math.max(last, 0))) value = apply(value, one)
    const final = pick(value, value.shape, (i) => i)
    open.delete(name)
    known.set(name, final)
    return final
  }

  const passes = new Set(['main', ...list.flatMap(({ intervention }) => passesOf(intervention))])
  for (const pass of passes) for (const point of Object.keys(equations)) valueOf(pass, point)
  for (const measure of late) measure()
  const gradientOf = gradientsOf(valueOf('main', 'loss'))
  const readSite = (site: Site): Value => {
    const value = valueOf(site.pass ?? 'main', forward(site.point))
    return forward(site.point) === site.point ? value : leaf(value.shape, gradientOf(value))
  }
  for (const pass of passes) {
    for (const point of Object.keys(equations)) {
      const acts = onPoint(pass, `grad(${point})`)
      if (acts.length === 0) continue
      const value = valueOf(pass, point)
      value.hook = (gradient) => {
        let now = gradient
        for (const { index, intervention } of acts) {
          const before = now
          const here = (site: Site) =>
            site.point === `grad(${point})` && (site.pass ?? 'main') === pass
              ? leaf(value.shape, before)
              : readSite(site)
          const after = act(setting, intervention, leaf(value.shape, before), here)
          note(index, intervention, before, after)
          now = after.data
        }
        return now
      }
    }
  }
  // All of them, so that every hook has acted.
  for (const value of [...known.values(), ...Object.values(weights)]) gradientOf(value)
  return {
    read: (point, pass) => readSite({ point, pass: pass ?? 'main' }).data,
    shape: (point) => shapes[forward(point)],
    largestValue: Math.max(...[...known].map(([name, { data }]) => (name.endsWith('scores') ? 0 : largestOf(data)))),
    largest: Math.max(...[...known.values()].map((value) => largestOf(gradientOf(value)))),
    parameterGradient: (name) => gradientOf(weights[name]),
    receipts,
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
  const hidden = /attn\.scores$/.test(point) ? -1e20 : 0
  const hides = /^blocks\.\d+\.attn\.(scores|pattern)$/.test(point) && model.config.causal !== false && !looksAhead
  const size = shape.reduce((a, b) => a * b, 1)
  return leaf(
    shape,
    Array.from({ length: size }, (_, i) => {
      const [, , query, key] = coordinates(i, shape)
      return hides && key > query ? hidden : Number.NaN
    }),
  )
}

function readsOwnPoint({ at, source }: Extract<Intervention, { kind: 'patch' }>): boolean {
  if (source.from !== 'activation') return false
  const site: Site = source.of ?? { point: at.point }
  return site.point === at.point && (source.pass ?? site.pass ?? at.pass ?? 'main') === (at.pass ?? 'main')
}

function passesOf({ at, ...rest }: Intervention): string[] {
  const source = 'source' in rest ? (rest.source as { pass?: string; of?: Site; scores?: Site }) : {}
  return [at.pass, source.pass, source.of?.pass, source.scores?.pass].flatMap((pass) => pass ?? [])
}

export function settingOf(model: Model, inputs: Setting['inputs'], list: readonly Placed[]): Setting {
  const looksAhead = list.some(({ intervention }) => intervention.causal === false)
  return { model, inputs, words: model.positions(model.sizes(inputs)), looksAhead }
}

/** The shape of every hook point. */
export function shapesOf(model: Model, inputs: Setting['inputs']): Record<string, number[]> {
  const sizes = model.sizes(inputs)
  const length = sizes.length ?? 2 * sizes.pairs + 1
  const positions = (axis: string) => (axis === 'batch' ? sizes.batch : (model.axisSizes[axis as 'head'] ?? length))
  return Object.fromEntries(
    [...model.hookPoints].map(([point, axes]) => {
      const atLast = point === 'logits' && model.config.readout === 'last'
      return [point, axes.map((axis) => (atLast && axis === 'pos' ? 1 : positions(axis)))]
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
      const visible = setting.model.config.causal === false || key <= query
      const row = `${b} ${h} ${query}`
      const open = visible && !here.some(([i]) => masks[i][element])
      left.set(row, (left.get(row) ?? false) || open)
    }
    return [...left.values()].includes(false)
  })
}
