import {
  type AxisSelection,
  type Intervention,
  type Model,
  type PassName,
  type PreNormOptions,
  passNames,
  preNorm,
  type Site,
} from 'opsin'
import { isPositionAxis } from '../../src/core/axes.ts'
import type { Draw } from '../../src/ops/define.ts'
import { drawFrom } from '../../src/testing/index.ts'
import { inputsOf, weightsOf } from '../support/models.ts'
import { axesOf, forward } from './interventions.ts'

/** A random model, batch and list of interventions, and how to run them. */
export interface Case {
  readonly model: Model
  readonly options: PreNormOptions
  readonly inputs: ReturnType<typeof inputsOf>
  readonly weights: ReturnType<typeof weightsOf>
  readonly list: readonly Intervention[]
  readonly observed: readonly Site[]
  readonly without: readonly PassName[]
  readonly engine: 'reference' | 'wasm'
}

const version = 1 as const

/** The case that a seed stands for. */
export function caseOf(seed: number): Case {
  const draw = drawFrom(seed)
  const options = optionsOf(draw)
  const model = preNorm(options)
  const pairs = draw.pick([1, 2, 2, 2])
  const inputs = inputsOf(model, seed % 1000, { batch: draw.int(1, 3), pairs })
  const length = options.inputs?.kind === 'tokens' ? 2 * pairs : 2 * pairs + 1
  const place: Place = { draw, model, length, batch: inputs.targets.shape[0] }
  const list = Array.from({ length: draw.pick([0, 1, 1, 2, 2, 2, 3, 3, 4]) }, () => intervention(place))
  const observed = new Map<string, Site>()
  for (let n = draw.pick([0, 0, 1, 2, 3]); n > 0; n--) {
    const passes = passesOf(list)
    const pass = draw.pick([undefined, undefined, ...passes])
    const point = pointOf(place)
    const site = {
      point,
      ...(pass === undefined ? {} : { pass }),
      ...draw.pick([{}, { select: selection(place, point) }]),
    }
    observed.set(`${pass ?? 'main'}/${point}`, site)
  }
  const without = draw.pick([() => [], () => [], () => [draw.pick(passNames)], () => passNames])()
  return {
    model,
    options,
    inputs,
    weights: weightsOf(model, seed % 997),
    list,
    observed: [...observed.values()],
    without,
    engine: draw.pick(['reference', 'reference', 'wasm'] as const),
  }
}

interface Place {
  readonly draw: Draw
  readonly model: Model
  readonly length: number
  readonly batch: number
}

function optionsOf(draw: Draw): PreNormOptions {
  return {
    layers: draw.pick([1, 2, 2]),
    heads: draw.pick([1, 2, 2, 3]),
    dHead: draw.pick([2, 4]),
    dModel: 4,
    mlpRatio: draw.pick([null, null, 0.5, 2]),
    positions: draw.pick(['rotary', 'rotary', 'learned', 'sinusoidal', 'none'] as const),
    norm: draw.pick(['layernorm', 'layernorm', 'rmsnorm', 'none'] as const),
    causal: draw.pick([true, true, true, false]),
    readout: draw.pick(['last', 'last', 'all'] as const),
    inputs: draw.pick([
      { kind: 'exemplars', features: 3, labels: 4 },
      { kind: 'exemplars', features: 3, labels: 4 },
      { kind: 'tokens', vocab: 5 },
    ] as const),
  }
}

/** A hook point or a gradient; those of attention more often. */
function pointOf({ draw, model }: Place): string {
  const points = [...model.hookPoints.keys()].filter((point) => point !== 'loss')
  const attention = points.filter((point) => /attn\.(pattern|scores|z|v|q|k)$/.test(point))
  const point = draw.pick([() => draw.pick(points), () => draw.pick(attention)])()
  return draw.pick([point, point, point, `grad(${point})`])
}

function passesOf(list: readonly Intervention[]): string[] {
  return list.flatMap((one) => {
    const source = 'source' in one ? (one.source as { pass?: string; of?: Site; scores?: Site }) : {}
    return [one.at.pass, source.pass, source.of?.pass, source.scores?.pass].filter((pass) => pass !== undefined)
  })
}

/** A random selection on each axis of a point. */
function selection(place: Place, point: string): NonNullable<Site['select']> {
  const { draw, model } = place
  const axes = axesOf(model, point)
  return Object.fromEntries(
    axes.flatMap((axis) => {
      const chosen = draw.pick([undefined, axisSelection(place, forward(point), axis)])
      return chosen === undefined ? [] : [[axis, chosen]]
    }),
  )
}

function axisSelection({ draw, model, length, batch }: Place, point: string, axis: string): AxisSelection | undefined {
  const atLast = point === 'logits' && model.config.readout === 'last'
  const size =
    axis === 'batch' ? batch : (model.hookPoints.get(point)?.sizes?.[axis as 'head'] ?? (atLast ? 1 : length))
  const index = () => draw.int(-size, size - 1)
  const words = (model.config.inputs as { kind: string }).kind === 'tokens' || atLast ? [] : ['labels', 'exemplars']
  return draw.pick<() => AxisSelection | undefined>([
    () => undefined,
    index,
    () => Array.from({ length: draw.int(1, Math.min(3, size)) }, index),
    () => (size > 1 ? { except: index() } : undefined),
    () => ({ from: draw.int(0, size - 1), to: size }),
    () => (isPositionAxis(axis as 'pos') ? draw.pick(['last', 'query', ...words]) : undefined),
  ])()
}

function site(place: Place, point: string): Site {
  const { draw } = place
  const pass = draw.pick([undefined, undefined, undefined, 'clean', 'other'])
  const select = selection(place, point)
  return {
    point,
    ...(pass === undefined ? {} : { pass }),
    ...(Object.keys(select).length === 0 ? {} : { select }),
  }
}

/** Any intervention that the documentation allows at some point; whether it fits the others is for the run to say. */
function intervention(place: Place): Intervention {
  const { draw, model } = place
  const point = pointOf(place)
  const name = forward(point)
  const at = site(place, point)
  // Not near zero: a norm's scale is divided by.
  const number = () => Math.fround(draw.number(0.25, 1) * draw.pick([1, -1]))
  const order = draw.pick([undefined, undefined, 1, 2])
  const attention = /^blocks\.\d+\.attn\.(scores|pattern)$/.test(point)
  const mayLookAhead = attention && model.config.causal === true && draw.int(0, 7) === 0
  const common = {
    version,
    at,
    ...(order === undefined ? {} : { order }),
    ...(mayLookAhead ? { causal: false as const } : {}),
  }
  const kinds: (() => Intervention)[] = [
    ...(name.endsWith('.scale') ? [] : [() => ({ ...common, kind: 'ablate' as const })]),
    () => ({ ...common, kind: 'scale', factor: number() }),
    () => ({ ...common, kind: 'clamp', source: { from: 'number', value: number() }, gradient: rule(draw) }),
    () => ({ ...common, kind: 'clamp', source: array(place, at, number), gradient: rule(draw) }),
    () => ({
      ...common,
      kind: 'patch',
      source: activation(place, point),
      gradient: draw.pick(['block', 'pass', 'source']),
    }),
    () => ({
      ...common,
      kind: 'patch',
      source: activation(place, point),
      gradient: draw.pick(['block', 'pass', 'source']),
    }),
  ]
  return draw.pick([...kinds, ...special(place, point, common)])()
}

function rule(draw: Draw): 'block' | 'pass' {
  return draw.pick(['block', 'pass'] as const)
}

/** What fits at this very point alone. */
function special(
  place: Place,
  point: string,
  common: { version: 1; at: Site; causal?: false },
): (() => Intervention)[] {
  const { draw, model } = place
  const exemplars = (model.config.inputs as { kind: string }).kind === 'exemplars'
  const { causal, ...kept } = common
  if (/^blocks\.\d+\.attn\.scores$/.test(point)) {
    return [
      () => ({ ...kept, kind: 'forbid', edges: 'previous-token' }),
      () => ({ ...kept, kind: 'forbid' }),
      () => ({ ...kept, kind: 'scale', factor: draw.pick([0, -1, 2, 0.5]) }),
    ]
  }
  if (/^blocks\.\d+\.attn\.pattern$/.test(point)) {
    const row = { ...common.at, select: { ...common.at.select, query: 'last' } }
    const previous = { from: 'previous-token', strength: draw.pick([1, 0.75]) } as const
    const induction = { from: 'induction', strength: draw.pick([1, 0.75]) } as const
    const match = { from: 'match', temperature: draw.pick([0, 0.5]) } as const
    return [
      () => ({ ...common, kind: 'clamp', source: previous, gradient: rule(draw) }),
      () => ({ ...common, kind: 'clamp', source: previous, gradient: 'block' }),
      ...(exemplars
        ? [
            ...(model.config.readout === 'last'
              ? [(): Intervention => ({ ...common, at: row, kind: 'clamp', source: induction, gradient: rule(draw) })]
              : []),
            (): Intervention => ({ ...common, at: row, kind: 'clamp', source: match, gradient: rule(draw) }),
          ]
        : []),
    ]
  }
  if (point === 'logits' && exemplars && model.config.readout === 'last') {
    const layer = draw.int(0, Number(model.config.layers) - 1)
    const head = draw.int(0, Number(model.config.heads) - 1)
    const scores = { point: `blocks.${layer}.attn.scores`, select: { head }, ...draw.pick([{}, { pass: 'clean' }]) }
    return [0, 1, 2].map(() => () => ({
      ...common,
      kind: 'patch' as const,
      source: { from: 'copy' as const, scores },
      gradient: draw.pick(['block', 'pass', 'source'] as const),
    }))
  }
  return []
}

/** Another point with the same axes, or the same one in another pass or some positions earlier. */
function activation(place: Place, point: string): Extract<Intervention, { kind: 'patch' }>['source'] {
  const { draw, model } = place
  const axes = axesOf(model, point).join()
  const alike = [...model.hookPoints.keys()].filter((other) => axesOf(model, other).join() === axes)
  const backward = forward(point) !== point
  const name = draw.pick([forward(point), draw.pick(alike)])
  const of = site(place, backward && draw.int(0, 3) > 0 ? `grad(${name})` : name)
  const hasPositions = /pos|query/.test(axes)
  const shift = hasPositions ? draw.pick([undefined, undefined, 1, 2]) : undefined
  return draw.pick([
    { from: 'activation', pass: draw.pick(['clean', 'other', 'main']) },
    { from: 'activation', of, ...(shift === undefined ? {} : { shift }) },
    { from: 'activation', ...(shift === undefined ? { pass: 'clean' } : { shift }) },
  ] as const)
}

/** An array for what a site selects, repeated along some axes. */
function array(place: Place, at: Site, number: () => number) {
  const { draw, model, length, batch } = place
  const point = forward(at.point)
  const lengths = axesOf(model, point).map((axis) => {
    const atLast = point === 'logits' && model.config.readout === 'last'
    const size =
      axis === 'batch' ? batch : (model.hookPoints.get(point)?.sizes?.[axis as 'head'] ?? (atLast ? 1 : length))
    const chosen = at.select?.[axis as 'head']
    if (chosen === undefined) return size
    const words = model.positions(
      (model.config.inputs as { kind: string }).kind === 'tokens'
        ? { batch, length }
        : { batch, pairs: (length - 1) / 2, rows: 7 },
    )
    return listLength(chosen, size, words)
  })
  const whole = lengths.map((n) => (draw.int(0, 2) === 0 ? 1 : n))
  const shape = whole.slice(draw.pick([0, 0, 1]))
  return {
    from: 'array' as const,
    shape,
    values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, number),
  }
}

function listLength(
  selection: AxisSelection,
  size: number,
  words: Readonly<Record<string, readonly number[]>>,
): number {
  const inside = (i: number) => (i < 0 ? i + size : i)
  if (typeof selection === 'number') return 1
  if (typeof selection === 'string') return size === 1 ? 1 : words[selection].length
  if (Array.isArray(selection)) return new Set(selection.map(inside)).size
  if ('except' in selection) return size - new Set([selection.except].flat().map((i) => inside(i as number))).size
  const { from, to } = selection as { from: number; to: number }
  return to - from
}

/** A copy as JSON keeps it. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value))
}
