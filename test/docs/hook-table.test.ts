import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Feature, hookPoints } from '../../src/graph/hooks.ts'

/** How the guide says what a model must have. */
const words: Readonly<Record<Feature, string>> = {
  always: '–',
  'added-positions': 'learned or sinusoidal positions',
  rotary: 'rotary positions',
  norm: 'a norm',
  mlp: 'an MLP',
  'mlp-norm': 'an MLP and a norm',
}

test('the table of docs/guide/hook-points.md is that of src/graph/hooks.ts', () => {
  const page = readFileSync('docs/guide/hook-points.md', 'utf8')
  const [, table] = /^\| Hook point \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(page) ?? []
  const rows = Object.entries(hookPoints).map(
    ([name, { axes, needs }]) => `| \`${name}\` | ${axes.join(', ') || '(a single number)'} | ${words[needs]} |`,
  )
  expect(table.trim().split('\n')).toEqual(rows)
})
