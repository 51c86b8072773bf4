import { readFileSync } from 'node:fs'
import {
  attention,
  geluMlp,
  headGate,
  layerNorm,
  learnedPositions,
  linearReadout,
  type Model,
  rotary,
  shiftMix,
  swigluMlp,
  tokenInputs,
  transformer,
} from 'opsin'
import { expect, test } from 'vitest'

const page = readFileSync('docs/guide/hook-points.md', 'utf8')

/** From each point of the guide's table to its axes and to what it comes with. */
function tableOfGuide(): Map<string, { axes: string; needs: string }> {
  const [, table] = /^\| Hook point \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(page) ?? []
  const rows = table.trim().split('\n')
  return new Map(
    rows.map((row) => {
      const [, point, axes, needs] = /^\| `(.*)` \| (.*) \| (.*) \|$/.exec(row) ?? []
      return [point, { axes, needs }]
    }),
  )
}

/** The hook points of a model as the guide writes them. */
function pointsOf(model: Model): [string, string][] {
  return [...model.hookPoints].map(([name, { axes }]) => [
    name.replace(/^blocks\.\d+/, 'blocks.{i}').replace(/^readouts\.\w+/, 'readouts.{name}'),
    axes.join(', ') || '(a single number)',
  ])
}

const shared = { dModel: 8, inputs: tokenInputs({ vocab: 3 }) }
const modifiers = [shiftMix(), rotary(), headGate()]

/** A model with every part, in two forms where one excludes another, and one with hardly any. */
const whole = transformer({
  ...shared,
  positions: learnedPositions(),
  blocks: [
    { mixer: attention({ heads: 2, with: modifiers }), mlp: swigluMlp(), norm: layerNorm() },
    { mlp: geluMlp(), norm: layerNorm() },
  ],
  norm: layerNorm(),
  readout: linearReadout(),
})
const several = transformer({ ...shared, blocks: [], readouts: { a: linearReadout() } })
const bare = transformer({ ...shared, blocks: [{ mixer: attention({ heads: 2 }) }], readout: linearReadout() })

test('the table of docs/guide/hook-points.md has every point of every part, with its axes, in firing order', () => {
  const table = tableOfGuide()
  for (const model of [whole, several, bare]) {
    for (const [name, axes] of pointsOf(model)) expect(table.get(name)?.axes, name).toBe(axes)
    const order = [...new Set(pointsOf(model).map(([name]) => name))]
    if (model !== several) expect(order).toEqual([...table.keys()].filter((name) => order.includes(name)))
  }
  const known = [...pointsOf(whole), ...pointsOf(several)].map(([name]) => name)
  expect([...table.keys()].filter((name) => !known.includes(name))).toEqual([])
})

test('what needs nothing is what the smallest model has', () => {
  const always = [...tableOfGuide()].filter(([, { needs }]) => needs === '–' || needs === 'attention')
  const smallest = pointsOf(bare).map(([name]) => name)
  const readout = ['logits', 'loss', 'blocks.{i}.attn_out']
  expect(smallest.filter((name) => !readout.includes(name))).toEqual(always.map(([name]) => name))
})
