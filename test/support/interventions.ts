import fc from 'fast-check'
import type { AxisSelection, Intervention, Model, Site } from 'opsin'
import { isPositionAxis } from '../../src/core/axes.ts'
import { writtenElements } from './selection.ts'

const version = 2 as const

/** Random interventions that fit the model, each with an order of its own so that no two conflict. */
export function interventionsFor(
  model: Model,
  length: number,
  { gradients = true } = {},
): fc.Arbitrary<Intervention[]> {
  const points = [...model.hookPoints.keys()].flatMap((point) => (gradients ? [point, `grad(${point})`] : [point]))
  const anywhere = fc.constantFrom(...points).chain((point) => interventionAt(model, point, length))
  const headPoints = points.filter((point) => model.hookPoints.get(point)?.axes.includes('head'))
  const heads = fc.constantFrom(...headPoints).chain((point) => ablatedHeads(model, point, length))
  return fc
    .array(fc.oneof({ weight: 3, arbitrary: anywhere }, { weight: 1, arbitrary: heads }), { maxLength: 3 })
    .map((list) => list.map((one, order) => ({ ...one, order })))
}

/** Some or all heads silenced at a point, at every position: what experiments do most. */
function ablatedHeads(model: Model, point: string, length: number): fc.Arbitrary<Intervention> {
  return selectionOf(model, point, 'head', length).map((head): Intervention => {
    return { version, kind: 'ablate', at: { point, select: head === undefined ? {} : { head } } }
  })
}

/** A site at a hook point: a random selection on each of its axes. */
export function siteAt(model: Model, point: string, length: number): fc.Arbitrary<Site> {
  const forward = point.replace(/^grad\((.*)\)$/, '$1')
  const axes = model.hookPoints.get(forward)?.axes ?? []
  const size = (axis: string) =>
    axis === 'batch' ? 1 : (model.hookPoints.get(forward)?.sizes?.[axis as 'head'] ?? length)
  const shape = axes.map(size)
  return fc
    .record(Object.fromEntries(axes.map((axis) => [axis, selectionOf(model, forward, axis, length)])))
    .map((select) => ({ point, select: JSON.parse(JSON.stringify(select)) }))
    .filter((site) => !axes.includes('query') || writtenElements(model, site, shape, length).includes(true))
}

/** Any intervention that fits at a hook point. */
export function interventionAt(model: Model, point: string, length: number): fc.Arbitrary<Intervention> {
  const forward = point.replace(/^grad\((.*)\)$/, '$1')
  const at = siteAt(model, point, length)
  // Not near zero: a norm's scale is divided by.
  const value = fc
    .tuple(fc.double({ min: 0.25, max: 1, noNaN: true }), fc.constantFrom(1, -1))
    .map(([size, sign]) => Math.fround(size * sign))
  const everywhere = [
    ...(forward.endsWith('.scale') ? [] : [at.map((at): Intervention => ({ version, kind: 'ablate', at }))]),
    fc.tuple(at, value).map(([at, factor]): Intervention => ({ version, kind: 'scale', at, factor })),
    fc
      .tuple(at, value, fc.constantFrom('block' as const, 'straight-through' as const))
      .map(([at, value, gradient]): Intervention => {
        return { version, kind: 'clamp', at, source: { from: 'number', value }, gradient }
      }),
  ]
  if (point !== forward) return fc.oneof(...everywhere)
  const patch = fc.tuple(at, fc.constantFrom('block' as const, 'straight-through' as const, 'source' as const))
  return fc.oneof(
    ...everywhere,
    patch.map(([at, gradient]): Intervention => {
      return { version, kind: 'patch', at, source: { from: 'activation', replica: 'clean' }, gradient }
    }),
    ...(forward.endsWith('attn.scores') ? [fc.constant<Intervention>(lookBack(point))] : []),
  )
}

function lookBack(point: string): Intervention {
  return { version, kind: 'forbid', at: { point }, edges: 'previous-token' }
}

/** A selection of one axis, or none. */
function selectionOf(
  model: Model,
  point: string,
  axis: string,
  length: number,
): fc.Arbitrary<AxisSelection | undefined> {
  if (axis === 'batch') return fc.constant(undefined)
  const position = isPositionAxis(axis as 'pos')
  const readAtLast = point === 'logits' && model.config.readout === 'last'
  const size = model.hookPoints.get(point)?.sizes?.[axis as 'head'] ?? (readAtLast ? 1 : length)
  const index = fc.integer({ min: -size, max: size - 1 })
  const words = (model.config.inputs as { kind: string }).kind === 'tokens' ? [] : ['labels', 'exemplars']
  return fc.oneof(
    fc.constant(undefined),
    index,
    fc.array(index, { minLength: 1, maxLength: 3 }),
    ...(size > 1 ? [index.map((i) => ({ except: i }))] : []),
    fc.integer({ min: 0, max: size - 1 }).map((from) => ({ from, to: size })),
    ...(position ? [fc.constantFrom('last', 'query', ...(readAtLast ? [] : words))] : []),
  )
}
