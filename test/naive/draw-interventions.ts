import type { AxisSelection, Intervention, Site } from 'opsin'
import { isPositionAxis } from '../../src/core/axes.ts'
import type { Draw } from '../../src/ops/define.ts'
import { compositionOf } from './composition.ts'
import { axesOf, forward, hiddenAt } from './interventions.ts'
import type { Learner } from './network.ts'

/** What interventions are drawn for. */
export interface Place {
  readonly draw: Draw
  readonly learner: Learner
  /** Of every hook point. */
  readonly shapes: Readonly<Record<string, readonly number[]>>
  /** The positions that words name. */
  readonly words: Readonly<Record<string, readonly number[]>>
}

const version = 1 as const

/** A hook point or a gradient; those of attention more often. */
export function drawPoint({ draw, shapes }: Place): string {
  const points = Object.keys(shapes).filter((point) => point !== 'loss')
  const attention = points.filter((point) => /\.attn\./.test(point) && !point.endsWith('result'))
  const point = draw.pick(attention.length > 0 && draw.int(0, 1) === 0 ? attention : points)
  return draw.pick([point, point, point, `grad(${point})`])
}

/** The replicas that a list has besides the main one. */
export function passesOf(list: readonly Intervention[]): string[] {
  return list.flatMap((one) => {
    const source = 'source' in one ? (one.source as { pass?: string; of?: Site; scores?: Site }) : {}
    return [one.at.pass, source.pass, source.of?.pass, source.scores?.pass].filter((pass) => pass !== undefined)
  })
}

/** A random selection on each axis of a point. */
export function drawSelection(place: Place, point: string): NonNullable<Site['select']> {
  const { draw, learner, shapes } = place
  return Object.fromEntries(
    axesOf(learner.model, point).flatMap((axis, i) => {
      const chosen = draw.pick([undefined, axisSelection(place, shapes[forward(point)][i], axis)])
      return chosen === undefined ? [] : [[axis, chosen]]
    }),
  )
}

function axisSelection({ draw, words }: Place, size: number, axis: string): AxisSelection | undefined {
  const index = () => draw.int(-size, size - 1)
  // Of a single position, as read-outs of the last one have it, only that has a name.
  const names = size === 1 ? ['last', 'query'] : Object.keys(words)
  return draw.pick<() => AxisSelection | undefined>([
    () => undefined,
    index,
    () => Array.from({ length: draw.int(1, Math.min(3, size)) }, index),
    () => (size > 1 ? { except: index() } : undefined),
    () => ({ from: draw.int(0, size - 1), to: size }),
    () => (isPositionAxis(axis as 'pos') ? draw.pick(names as ('last' | 'query')[]) : undefined),
  ])()
}

function site(place: Place, point: string): Site {
  const { draw } = place
  const pass = draw.pick([undefined, undefined, undefined, 'clean', 'other'])
  const select = drawSelection(place, point)
  return {
    point,
    ...(pass === undefined ? {} : { pass }),
    ...(Object.keys(select).length === 0 ? {} : { select }),
  }
}

/** Any intervention that the documentation allows at some point; whether it fits the others is for the run to say. */
export function drawIntervention(place: Place): Intervention {
  const { draw, learner } = place
  const point = drawPoint(place)
  const name = forward(point)
  const at = site(place, point)
  // Not near zero: a norm's scale is divided by.
  const number = () => Math.fround(draw.number(0.25, 1) * draw.pick([1, -1]))
  const order = draw.pick([undefined, undefined, 1, 2])
  const mayLookAhead = hiddenAt(learner.model, point) !== undefined && draw.int(0, 7) === 0
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
  const { draw } = place
  if (/^blocks\.\d+\.attn\.scores$/.test(point)) {
    const { causal, ...kept } = common
    return [
      () => ({ ...kept, kind: 'forbid', edges: 'previous-token' }),
      () => ({ ...kept, kind: 'forbid' }),
      () => ({ ...kept, kind: 'scale', factor: draw.pick([0, -1, 2, 0.5]) }),
    ]
  }
  if (/^blocks\.\d+\.attn\.pattern$/.test(point)) return patterns(place, common)
  if (point === 'logits' && isFewShot(place.learner)) {
    const points = Object.keys(place.shapes).filter((other) => other.endsWith('attn.scores'))
    return points.slice(0, 3).map((scores) => () => {
      const head = draw.int(0, place.shapes[scores][1] - 1)
      const of = { point: scores, select: { head }, ...draw.pick([{}, { pass: 'clean' }]) }
      const gradient = draw.pick(['block', 'pass', 'source'] as const)
      return { ...common, kind: 'patch', source: { from: 'copy', scores: of }, gradient }
    })
  }
  return []
}

/** Patterns of attention that are known beforehand. */
function patterns({ draw, learner }: Place, common: { version: 1; at: Site; causal?: false }): (() => Intervention)[] {
  const row = { ...common.at, select: { ...common.at.select, query: 'last' } }
  const previous = { from: 'previous-token', strength: draw.pick([1, 0.75]) } as const
  const induction = { from: 'induction', strength: draw.pick([1, 0.75]) } as const
  const match = { from: 'match', temperature: draw.pick([0, 0.5]) } as const
  const exemplars = compositionOf(learner.model).inputs.kind === 'exemplars'
  return [
    () => ({ ...common, kind: 'clamp', source: previous, gradient: rule(draw) }),
    () => ({ ...common, kind: 'clamp', source: previous, gradient: 'block' }),
    ...(isFewShot(learner)
      ? [(): Intervention => ({ ...common, at: row, kind: 'clamp', source: induction, gradient: rule(draw) })]
      : []),
    ...(exemplars
      ? [(): Intervention => ({ ...common, at: row, kind: 'clamp', source: match, gradient: rule(draw) })]
      : []),
  ]
}

/** Whether one answer is asked for, which is among the labels of exemplars. */
function isFewShot({ model, objective: { kind, options } }: Learner): boolean {
  const { inputs } = compositionOf(model)
  const only = model.readouts['']
  const asked = kind === 'cross-entropy' && options.targets === 'ids' && only?.at === 'last'
  return asked && inputs.kind === 'exemplars' && only.outputs === inputs.labels
}

/** A point with the same axes, mostly of the same size, or the same one in another replica or some positions earlier. */
function activation(place: Place, point: string): Extract<Intervention, { kind: 'patch' }>['source'] {
  const { draw, learner, shapes } = place
  const axes = axesOf(learner.model, point).join()
  const alike = Object.keys(shapes).filter((other) => axesOf(learner.model, other).join() === axes)
  const equal = alike.filter((other) => shapes[other].join() === shapes[forward(point)].join())
  const backward = forward(point) !== point
  const name = draw.pick([forward(point), draw.pick(equal), draw.pick(draw.pick([equal, equal, alike]))])
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
function array({ draw, learner, shapes, words }: Place, at: Site, number: () => number) {
  const sizes = shapes[forward(at.point)]
  const lengths = axesOf(learner.model, at.point).map((axis, i) => {
    const chosen = at.select?.[axis as 'head']
    return chosen === undefined ? sizes[i] : listLength(chosen, sizes[i], words)
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
