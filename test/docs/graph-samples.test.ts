import { readFileSync } from 'node:fs'
import { at, attentionOnly, clamp, previousToken } from 'opsin'
import { expect, test } from 'vitest'
import { intervene, numbered } from '../../src/compile/intervene.ts'
import { prune } from '../../src/graph/passes/prune.ts'
import { print } from '../../src/graph/print.ts'
import { applyInterventions } from '../../src/interventions/apply.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'

const page = readFileSync('docs/guide/graphs.md', 'utf8')
const inputs = { kind: 'tokens', vocab: 3 } as const
const model = attentionOnly({ layers: 1, heads: 2, dModel: 4, norm: 'none', positions: 'none', inputs })
const sizes = { batch: 1, length: 3 }

function shown(sample: string): string {
  const [, text] = new RegExp(`<!-- sample: ${sample} -->\n\`\`\`\n(.*?)\`\`\``, 's').exec(page) ?? []
  return text.trimEnd()
}

test('the model in docs/guide/graphs.md is what it prints', () => {
  expect(shown('model')).toBe(print(withObjective(model).graph(sizes)))
})

test('the splice is what a clamp leaves', () => {
  const one = clamp(at(model, 'blocks.0.attn.pattern', { head: 1 }), previousToken())
  const graph = applyInterventions(withObjective(model).graph(sizes), model, sizes, numbered([one])).graph()
  expect(shown('clamp')).toBe(print(graph).split('\n').slice(17, 23).join('\n'))
})

test('the last sample is what is left of a model whose pattern is clamped', () => {
  const whole = clamp(at(model, 'blocks.0.attn.pattern'), previousToken())
  const { graph } = intervene(withObjective(model), sizes, numbered([whole]), { observed: ['loss'], gradients: false })
  expect(shown('pruned')).toBe(print(prune(graph, ['loss'])))
})
