import fc from 'fast-check'
import { ablate, at, preNorm } from 'opsin'
import { describe, expect, it } from 'vitest'
import { named, nearest, unknownName } from '../../src/core/nearest.ts'

const model = preNorm({ layers: 3, heads: 2, dModel: 8, mlpRatio: 2 })
const points = [...model.hookPoints.keys()]

describe('the nearest hook points', () => {
  it.each([
    ['hook_v', 'blocks.0.attn.v'],
    ['v', 'blocks.0.attn.v'],
    ['attn.v', 'blocks.0.attn.v'],
    ['blocks.2.v', 'blocks.2.attn.v'],
    ['blocks.2.hook_v', 'blocks.2.attn.v'],
    ['blocks.1.attn.hook_q', 'blocks.1.attn.q'],
    ['blocks.1.attn.hook_rot_k', 'blocks.1.attn.rot_k'],
    ['blocks.0.hook_resid_post', 'blocks.0.resid_post'],
    ['hook_resid_post', 'blocks.0.resid_post'],
    ['blocks.2.hook_attn_out', 'blocks.2.attn_out'],
    ['blocks.2.attn.hook_attn_scores', 'blocks.2.attn.scores'],
    ['attn_scores', 'blocks.0.attn.scores'],
    ['hook_pattern', 'blocks.0.attn.pattern'],
    ['blocks.1.ln2.hook_scale', 'blocks.1.ln2.scale'],
    ['blocks.1.mlp.hook_post', 'blocks.1.mlp.post'],
    ['ln_final.hook_normalized', 'ln_final.normalized'],
    ['hook_embed', 'embed'],
    ['embd', 'embed'],
    ['lgoits', 'logits'],
    ['blocks1.attn.q', 'blocks.1.attn.q'],
  ])('%s means %s', (said, meant) => {
    expect(nearest(said, points).slice(0, said.startsWith('blocks1') ? 3 : 1)).toContain(meant)
    expect(() => ablate(at(model, said as 'embed'))).toThrow(new RegExp(`Nearest: .*${meant}.*\\[NAME\\]$`))
  })

  it('of gradients are gradients', () => {
    const gradients = points.map((name) => `grad(${name})`)
    expect(nearest('grad(v)', gradients)[0]).toBe('grad(blocks.0.attn.v)')
    expect(nearest('grad(blocks.1.attn.hook_z)', gradients)[0]).toBe('grad(blocks.1.attn.z)')
  })

  it('a name of the list is nearest to itself, and near to one with a letter left out', () => {
    fc.assert(
      fc.property(fc.constantFrom(...points), fc.nat(), (name, n) => {
        expect(nearest(name, points)[0]).toBe(name)
        const last = name.split('.').pop() as string
        if (last.length < 5) return
        const [before, i] = [name.length - last.length, n % last.length]
        expect(nearest(name.slice(0, before + i) + name.slice(before + i + 1), points)).toContain(name)
      }),
    )
  })

  it('are found at once, however long the name', () => {
    expect(nearest('x'.repeat(1e6), points)).toHaveLength(3)
    expect(unknownName('here', 'a name', 'x'.repeat(1e6), points).message.length).toBeLessThan(300)
  })
})

describe('a table', () => {
  it('gives what it has under a name of its own, and to nothing else', () => {
    expect(named('here', 'a word', 'one', { one: 1 })).toBe(1)
    for (const name of ['toString', ['one'], 1, undefined, Symbol('one'), { toString: () => 'one' }, null]) {
      expect(() => named('here', 'a word', name, { one: 1 })).toThrow(/here: expected a word, got .*one.*\[NAME\]/)
    }
  })
})
