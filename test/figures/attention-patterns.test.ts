import { tensor } from 'opsin'
import { attentionPatterns, headStrengths } from 'opsin/figures'
import { describe, expect, test } from 'vitest'

const pattern = (...shape: number[]) =>
  tensor(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i / 100),
  )

describe('attentionPatterns', () => {
  test('shows the item asked for, head by head', () => {
    const { data } = attentionPatterns(pattern(2, 3, 2, 2), { item: 1 }) as any
    expect(data.values).toHaveLength(12)
    expect(data.values[0]).toEqual({ head: 0, query: 0, key: 0, weight: 0.12 })
    expect(data.values.at(-1)).toEqual({ head: 2, query: 1, key: 1, weight: 0.23 })
  })

  test('takes a pattern without a batch', () => {
    expect((attentionPatterns(pattern(3, 2, 2)) as any).data.values).toEqual(
      (attentionPatterns(pattern(1, 3, 2, 2)) as any).data.values,
    )
  })

  test.each([
    ['another shape', () => attentionPatterns(pattern(2, 2)), 'SHAPE'],
    ['nothing', () => attentionPatterns(tensor([1, 0, 2, 2], new Float32Array(0))), 'SHAPE'],
    ['an item outside the batch', () => attentionPatterns(pattern(2, 3, 2, 2), { item: 2 }), 'VALUE'],
    ['names that do not fit', () => attentionPatterns(pattern(3, 2, 2), { tokens: ['a'] }), 'SHAPE'],
  ])('refuses %s', (_, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }))
  })
})

describe('headStrengths', () => {
  const records = [0, 32].map((sequences) => ({
    step: sequences / 32,
    sequences,
    set: 'train',
    values: { loss: 1, 'induction-strength.1': [0.1, 0.2 + sequences] },
  }))

  test('has a line a head', () => {
    const { data, encoding } = headStrengths({ records }) as any
    expect(encoding.color.scale.domain).toEqual(['0', '1'])
    expect(data.values.at(-1)).toEqual({ head: '1', set: 'train', sequences: 32, strength: 32.2 })
  })

  test('refuses a run without the probe, or with that of another layer', () => {
    expect(() => headStrengths({ records: [] })).toThrow(expect.objectContaining({ code: 'NAME' }))
    expect(() => headStrengths({ records }, { layer: 0 })).toThrow(/layer: 0/)
  })
})
