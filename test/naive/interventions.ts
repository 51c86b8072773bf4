import type { Intervention, Model, Site, Tensor } from 'opsin'
import { selectedLists } from '../support/selection.ts'
import { leaf, map, overwrite, pick, plus, sizeOf, type Value } from './tape.ts'

/** What interventions need to know of the batch at hand. */
export interface Setting {
  readonly model: Model
  readonly inputs: Readonly<Record<string, Tensor>>
  /** By word: the positions it names. */
  readonly words: Readonly<Record<string, readonly number[]>>
  /** Whether some intervention lets queries see later keys. */
  readonly looksAhead: boolean
}

/** How a source reads: the value of a point as it is to whoever reads it now. */
export type ReadPoint = (site: Site) => Value

/** The index of an element along each axis. */
export function coordinates(element: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0)
  for (let axis = shape.length - 1, rest = element; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]
    rest = Math.floor(rest / shape[axis])
  }
  return index
}

function elementAt(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((element, i, axis) => element * shape[axis] + i, 0)
}

export function axesOf(model: Model, point: string): readonly string[] {
  return model.hookPoints.get(forward(point))?.axes ?? []
}

export function forward(point: string): string {
  return point.replace(/^grad\((.*)\)$/, '$1')
}

/** What the causal mask leaves at a point on the edges that it hides; `undefined` where it hides none. */
export function hiddenAt(model: Model, point: string): number | undefined {
  return model.causal ? model.hookPoints.get(point)?.hidden : undefined
}

/** By element: whether an intervention writes it. */
export function writtenMask(setting: Setting, intervention: Intervention, shape: readonly number[]): boolean[] {
  const { at, kind, causal } = intervention
  const lists = selectedLists(setting.model, at, shape, setting.words)
  const edges = kind === 'forbid' ? intervention.edges : undefined
  const hides = hiddenAt(setting.model, at.point) !== undefined && causal !== false
  return Array.from({ length: sizeOf(shape) }, (_, element) => {
    const index = coordinates(element, shape)
    if (!index.every((i, axis) => lists[axis].includes(i))) return false
    const [query, key] = index.slice(2)
    return !(hides && key > query) && !(edges === 'previous-token' && key !== query - 1)
  })
}

/** By element written: the element of its site that a source reads for it; `undefined` where shapes do not fit. */
export function elementRead(
  setting: Setting,
  site: Site,
  shift: number,
  from: readonly number[],
  to: readonly number[],
): ((element: number) => number) | undefined {
  const lists = selectedLists(setting.model, site, from, setting.words)
  const axes = axesOf(setting.model, site.point)
  const lead = to.length - from.length
  if (lead < 0 || !lists.every((list, axis) => list.length === 1 || list.length === to[lead + axis])) return undefined
  return (element) => {
    const index = coordinates(element, to).slice(lead)
    const read = lists.map((list, axis) => {
      const at = list[list.length === 1 ? 0 : index[axis]]
      return (axes[axis] === 'pos' || axes[axis] === 'query') && at >= shift ? at - shift : at
    })
    return elementAt(read, from)
  }
}

/** The value of a site once an intervention has acted on it. */
export function act(setting: Setting, intervention: Intervention, value: Value, read: ReadPoint): Value {
  const mask = writtenMask(setting, intervention, value.shape)
  const constant = (at: (element: number) => number) =>
    leaf(
      value.shape,
      Array.from(value.data, (_, i) => at(i)),
    )
  switch (intervention.kind) {
    case 'ablate':
      return overwrite(
        value,
        constant(() => 0),
        mask,
        'block',
      )
    case 'forbid':
      return overwrite(
        value,
        // Nothing after a softmax, yet above the causal mask; without one a score is a weight, and none is 0.
        constant(() => Math.max(-1e9, setting.model.hookPoints.get(intervention.at.point)?.hidden ?? 0)),
        mask,
        'block',
      )
    case 'scale': {
      const { factor } = intervention
      const scaled = map(
        value,
        (x) => x * factor,
        () => factor,
      )
      // Its gradient is multiplied where it is scaled, and passes elsewhere.
      const kept = overwrite(
        value,
        constant(() => 0),
        mask,
        'block',
      )
      const apart = overwrite(
        scaled,
        constant(() => 0),
        mask.map((m) => !m),
        'block',
      )
      return plus(kept, apart)
    }
    case 'clamp':
      return overwrite(value, constant(constantSource(setting, intervention, value.shape)), mask, intervention.gradient)
    case 'patch':
      return overwrite(value, liveSource(setting, intervention, value, read), mask, intervention.gradient)
  }
}

function constantSource(
  setting: Setting,
  { at, source }: Extract<Intervention, { kind: 'clamp' }>,
  shape: readonly number[],
): (element: number) => number {
  const { labels, targets, features, exemplars } = setting.inputs
  switch (source.from) {
    default:
      throw new Error(`no source ${source.from} here`)
    case 'number':
      return () => source.value
    case 'array': {
      const lists = selectedLists(setting.model, at, shape, setting.words)
      const lead = shape.length - source.shape.length
      return (element) => {
        const index = coordinates(element, shape)
        const own = source.shape.map((size, i) => (size === 1 ? 0 : lists[lead + i].indexOf(index[lead + i])))
        return source.values[elementAt(own, source.shape)]
      }
    }
    case 'previous-token':
      return (element) => {
        const [, , query, key] = coordinates(element, shape)
        if (query === 0) return Number(key === 0)
        return key === query - 1 ? source.strength : key === query ? 1 - source.strength : 0
      }
    case 'induction':
      return (element) => {
        const [b, , , key] = coordinates(element, shape)
        const pairs = labels.shape[1]
        if (key % 2 === 0) return 0
        const row = [...labels.data.slice(b * pairs, (b + 1) * pairs)]
        const right = row.filter((label) => label === targets.data[b]).length
        if (right === 0 || right === pairs) return 1 / pairs
        return row[(key - 1) / 2] === targets.data[b]
          ? source.strength / right
          : (1 - source.strength) / (pairs - right)
      }
    case 'match':
      return (element) => {
        const [b, , , key] = coordinates(element, shape)
        const [count, width] = [exemplars.shape[1], features.shape[1]]
        if (key % 2 === 0) return 0
        const vector = (i: number) => {
          const row = exemplars.data[b * count + i]
          return [...features.data.slice(row * width, (row + 1) * width)]
        }
        const dot = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i], 0)
        const cosine = (u: number[], v: number[]) => dot(u, v) / (Math.sqrt(dot(u, u)) * Math.sqrt(dot(v, v)))
        const cosines = Array.from({ length: count - 1 }, (_, i) => cosine(vector(i), vector(count - 1)))
        const top = Math.max(...cosines)
        if (source.temperature === 0) return Number(top - cosines[(key - 1) / 2] < 1e-12)
        const weights = cosines.map((c) => Math.exp((c - top) / source.temperature))
        return weights[(key - 1) / 2] / weights.reduce((sum, w) => sum + w, 0)
      }
  }
}

function liveSource(
  setting: Setting,
  { at, source }: Extract<Intervention, { kind: 'patch' }>,
  value: Value,
  read: ReadPoint,
): Value {
  if (source.from === 'activation') {
    const of: Site = source.of ?? { point: at.point }
    const site = { ...of, pass: source.pass ?? of.pass ?? at.pass ?? 'main' }
    const from = read(site)
    const element = elementRead(setting, site, source.shift ?? 0, from.shape, value.shape)
    if (element === undefined) throw new DoesNotFit()
    return pick(from, value.shape, element)
  }
  if (source.from !== 'copy') throw new Error(`no source ${source.from} here`)
  // Copy: each label's logit is the log of the sum of exps of the scores of the tokens that bear it.
  const scores = read(source.scores)
  const [, , queries, keys] = scores.shape
  const [head] = selectedLists(setting.model, source.scores, scores.shape, setting.words)[1]
  const { labels } = setting.inputs
  const pairs = labels.shape[1]
  const [batch, , vocab] = value.shape
  const logit = (b: number, label: number): Value => {
    const tokens = Array.from({ length: pairs }, (_, i) => i).filter((i) => labels.data[b * pairs + i] === label)
    if (tokens.length === 0) return leaf([1], [-1e9])
    const chosen = tokens.map((i) => elementAt([b, head, queries - 1, 2 * i + 1], scores.shape))
    const top = Math.max(...chosen.map((i) => scores.data[i]))
    const exps = map(
      pick(scores, [chosen.length], (i) => chosen[i]),
      (x) => Math.exp(x - top),
      (_, y) => y,
    )
    const sum = chosen.map((_, i) => pick(exps, [1], () => i)).reduce((a, b) => plus(a, b))
    return map(
      sum,
      (x) => Math.log(x) + top,
      (x) => 1 / x,
    )
  }
  if (keys !== 2 * pairs + 1) throw new DoesNotFit()
  const all = Array.from({ length: batch * vocab }, (_, i) => logit(Math.floor(i / vocab), i % vocab))
  // The logits side by side: each put in its place among zeros, and added up.
  return all
    .map((one, place) =>
      overwrite(
        leaf(value.shape, new Float64Array(batch * vocab)),
        pick(one, value.shape, () => 0),
        Array.from({ length: batch * vocab }, (_, i) => i === place),
        'source',
      ),
    )
    .reduce((a, b) => plus(a, b))
}

/** A source whose shape does not repeat to what it is written to. */
export class DoesNotFit extends Error {}
