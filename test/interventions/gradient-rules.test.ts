import fc from 'fast-check'
import {
  ablate,
  activation,
  at,
  clamp,
  copyFrom,
  forbid,
  type GradientRule,
  type Intervention,
  induction,
  match,
  patch,
  preNorm,
  previousToken,
  range,
  type Site,
  scale,
} from 'opsin'
import { describe, expect, it } from 'vitest'
import { pointOf } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import type { Graph } from '../../src/graph/node.ts'
import { keep, rewrite } from '../../src/graph/rewrite.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { checkGradient } from '../../src/testing/index.ts'
import { intervenedGraph, runIntervened } from '../support/intervened.ts'
import { siteAt } from '../support/interventions.ts'
import { inputsOf, valuesOf, weightsOf } from '../support/models.ts'
import { runGraph } from '../support/run-graph.ts'
import { writtenElements } from '../support/selection.ts'

const exemplars = { kind: 'exemplars', features: 3, labels: 4 } as const
const model = preNorm({ layers: 1, heads: 2, dModel: 4, mlpRatio: 1, inputs: exemplars })
const deep = preNorm({ layers: 2, heads: 2, dModel: 4, inputs: exemplars })
const inputs = inputsOf(model, 1)
const weights = weightsOf(model, 1)
const values = valuesOf(inputs, weights)
const points = [...model.hookPoints.keys()]
const LENGTH = 5

/** What the rule says that the clamped value is a function of: the old value, shifted or cut by constants. */
function surrogate(intervention: Intervention & { gradient: GradientRule }, others: readonly Intervention[]): Graph {
  const { point } = intervention.at
  const read = runIntervened(model, inputs, [intervention, ...others], weights)
  const [before, after] = [read('interventions.0.before'), read('interventions.0.after')]
  const graph = withObjective(model).graph(model.sizes(inputs))
  const { shape } = graph.nodes[pointOf(graph, point)]
  const chosen = writtenElements(model, intervention.at, shape, LENGTH)
  const straight = intervention.gradient === 'straight-through'
  // What the causal mask hides is −1e20, whatever the parameters: shifting it would leave nothing but rounding.
  const kept = chosen.map((is, i) => !is || (straight && before[i] > -1e19))
  const factor = kept.map(Number)
  const shift = chosen.map((is, i) => (is ? after[i] - (kept[i] ? before[i] : 0) : 0) + 0)
  return rewrite(graph, (node, builder, to, id) => {
    const kept = keep(node, builder, to, id)
    if (id !== graph.points[point]) return kept
    const scaled = builder.op('multiply', [kept, builder.op('constant', [], { shape, value: factor })])
    return builder.op('add', [scaled, builder.op('constant', [], { shape, value: shift })])
  })
}

/** The gradients of the clamped model are those of the surrogate, which finite differences confirm. */
function expectSurrogate(
  intervention: Intervention & { gradient: GradientRule },
  others: readonly Intervention[] = [],
) {
  const graph = surrogate(intervention, others)
  checkGradient(graph, { values })
  const [mine, theirs] = [
    runIntervened(model, inputs, [intervention, ...others], weights),
    runGraph(differentiate(graph), values),
  ]
  for (const { name } of model.parameters) {
    const [a, b] = [mine(`grad(${name})`), theirs(`grad(${name})`)]
    const size = Math.max(1e-2, ...b.map(Math.abs))
    a.forEach((value, i) => void expect(Math.abs(value - b[i]) / size, name).toBeLessThan(1e-10))
  }
}

/** Gradient at the old value: none, all of it, or a multiple, where selected; all of it elsewhere. */
function expectAtOldValue(intervention: Intervention, factor: number, others: readonly Intervention[] = []) {
  const read = runIntervened(model, inputs, [intervention, ...others], weights)
  const [before, after] = [read('grad(interventions.0.before)'), read('grad(interventions.0.after)')]
  const graph = withObjective(model).graph(model.sizes(inputs))
  const { shape } = graph.nodes[pointOf(graph, intervention.at.point)]
  const chosen = writtenElements(model, intervention.at, shape, LENGTH)
  const wanted = after.map((value, i) => (chosen[i] ? factor * value : value) + 0)
  expect(before.map((value) => value + 0)).toEqual(wanted)
}

describe.each(points)('at %s', (point) => {
  const settings = { numRuns: 2, endOnFailure: true }
  const version = 2
  const sites = siteAt(model, point, LENGTH)
  const holds = (check: (at: Site) => void) => () => fc.assert(fc.property(sites, check), settings)

  if (!point.endsWith('scale')) {
    it(
      'ablate: differences confirm it, the old value gets exactly nothing',
      holds((at) => {
        checkGradient(intervenedGraph(model, inputs, [ablate(at)]), { values })
        expectAtOldValue(ablate(at), 0)
      }),
    )
  }

  it(
    'scale: differences confirm it, the old value gets the factor',
    holds((at) => {
      checkGradient(intervenedGraph(model, inputs, [scale(at, -0.7)]), { values })
      expectAtOldValue(scale(at, -0.7), -0.7)
    }),
  )

  it.each(['block', 'straight-through'] as const)('clamp, %s: as stated', (gradient) => {
    holds((at) => {
      expectSurrogate(clamp(at, 0.7, { gradient }))
      expectAtOldValue(clamp(at, 0.7, { gradient }), gradient === 'straight-through' ? 1 : 0)
    })()
  })

  it.each(['block', 'straight-through', 'source'] as const)('patch from another pass, %s: as stated', (gradient) => {
    const inOther: Intervention = { version, kind: 'scale', at: { point: 'embed', replica: 'other' }, factor: 1.5 }
    holds((at) => {
      const patched = patch(at, activation({ replica: 'other' }), { gradient })
      if (gradient === 'source') checkGradient(intervenedGraph(model, inputs, [patched, inOther]), { values })
      else expectSurrogate(patched, [inOther])
      expectAtOldValue(patched, gradient === 'straight-through' ? 1 : 0, [inOther])
    })()
  })
})

describe('a gradient that is scaled', () => {
  it.each(points)('at %s is scaled for what is before it, and for nothing else', (point) => {
    const check = (site: Site) => {
      const scaled = runIntervened(
        model,
        inputs,
        [{ ...scale(site, -0.5), at: { ...site, point: `grad(${point})` } }],
        weights,
      )
      // A value of which one part is held fast has just such a gradient.
      const graph = withObjective(model).graph(model.sizes(inputs))
      const id = pointOf(graph, point)
      const { shape } = graph.nodes[id]
      const old = runGraph(graph, values)(point)
      const factor = writtenElements(model, site, shape, LENGTH).map((is) => (is ? -0.5 : 1))
      // What the causal mask hides has no gradient to scale.
      const shift = factor.map((f, i) => (old[i] < -1e19 ? 0 : (1 - f) * old[i]) + 0)
      const held = rewrite(graph, (node, builder, to, at) => {
        const kept = keep(node, builder, to, at)
        if (at !== id) return kept
        const value = factor.map((f, i) => (old[i] < -1e19 ? 1 : f))
        const part = builder.op('multiply', [kept, builder.op('constant', [], { shape, value })])
        return builder.op('add', [part, builder.op('constant', [], { shape, value: shift })])
      })
      const wanted = runGraph(differentiate(held), values)
      for (const { name } of model.parameters) {
        const [a, b] = [scaled(`grad(${name})`), wanted(`grad(${name})`)]
        const size = Math.max(1e-2, ...b.map(Math.abs))
        a.forEach((value, i) => void expect(Math.abs(value - b[i]) / size, name).toBeLessThan(1e-10))
      }
    }
    fc.assert(fc.property(siteAt(model, point, LENGTH), check), { numRuns: 3, endOnFailure: true })
  })
})

describe('patterns, scores and copies', () => {
  const pattern = (select: object = {}) => at(deep, 'blocks.1.attn.pattern', { head: 0, ...select })
  const cases: Record<string, Intervention[]> = {
    'previous token': [clamp(pattern(), previousToken({ strength: 0.8 }))],
    'previous token for labels': [clamp(pattern({ query: 'labels' }), previousToken())],
    induction: [clamp(pattern({ query: 'last' }), induction({ strength: 0.6 }))],
    match: [clamp(pattern({ query: 'last' }), match({ temperature: 0.5 }))],
    'forbidden previous tokens': [forbid(at(deep, 'blocks.0.attn.scores'), { edges: 'previous-token' })],
    'forbidden exemplars': [forbid(at(deep, 'blocks.1.attn.scores', { query: 'last', key: 'exemplars' }))],
    temperature: [scale(at(deep, 'blocks.1.attn.scores', { head: 1 }), 2)],
    'logits copied from a head': [
      patch(at(deep, 'logits'), copyFrom(at(deep, 'blocks.1.attn.scores', { head: 1 })), { gradient: 'source' }),
    ],
    'tokens in place of those after them': [
      patch(
        at(deep, 'blocks.0.resid_post', { replica: 'shifted', pos: range(1, -1) }),
        activation({ of: at(deep, 'blocks.0.resid_pre'), shift: 1 }),
        { gradient: 'source' },
      ),
      patch(at(deep, 'blocks.1.attn.pattern'), activation({ replica: 'shifted' }), { gradient: 'source' }),
    ],
  }

  it.each(Object.entries(cases))('%s: differences confirm the gradient of the whole', (_, list) => {
    checkGradient(intervenedGraph(deep, inputs, list), { values: valuesOf(inputs, weightsOf(deep, 1)) })
  })

  it('a live donor learns through the patch, a blocked one does not', () => {
    const learned = (gradient: GradientRule) => {
      const list = [patch(at(deep, 'blocks.0.attn.z'), activation({ replica: 'other' }), { gradient })]
      const read = runIntervened(deep, inputs, [...list, scale(at(deep, 'embed', { replica: 'other' }), 2)])
      return read('grad(blocks.0.attn.v.weight)').some((value) => value !== 0)
    }
    expect(learned('source')).toBe(true)
    expect(learned('straight-through')).toBe(true)
    expect(learned('block')).toBe(false)
  })
})
