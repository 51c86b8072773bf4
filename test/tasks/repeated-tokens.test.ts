import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attentionOnly } from '../../src/architectures/presets/pre-norm.ts'
import { type Batch, mix, pool, type RepeatedTokensOptions, repeatedTokens } from '../../src/tasks/index.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts'
import type { TrainEvent } from '../../src/train/events.ts'
import { train } from '../../src/train/training.ts'
import { chiSquare, chiSquareLimit, countsOf } from '../support/chi-square.ts'

function sequencesOf({ tokens, targets }: Batch) {
  const [count, length] = tokens.shape
  return Array.from({ length: count }, (_, row) => ({
    tokens: [...tokens.data.subarray(row * length, (row + 1) * length)],
    targets: [...targets.data.subarray(row * length, (row + 1) * length)],
  }))
}

describe('copies alone', () => {
  const forms = fc.record({
    vocab: fc.integer({ min: 2, max: 20 }),
    segment: fc.integer({ min: 1, max: 8 }),
    copies: fc.integer({ min: 2, max: 4 }),
    bos: fc.boolean(),
    separator: fc.boolean(),
    step: fc.nat(),
  })

  test('are the same segment, behind bos and between separators', () => {
    fc.assert(
      fc.property(forms, ({ step, ...form }) => {
        const { vocab, segment, copies, bos, separator } = form
        const task = repeatedTokens(form)
        const ids = vocab + Number(bos) + Number(separator)
        expect(task.sizes.vocab).toBe(ids)
        for (const { tokens, targets } of sequencesOf(task.batch(step, 3))) {
          const words = tokens.slice(Number(bos), Number(bos) + segment)
          expect(words.every((word) => word < vocab)).toBe(true)
          const between = separator ? [ids - 1] : []
          const rest = new Array(copies - 1).fill([...between, ...words]).flat()
          expect(tokens).toEqual([...(bos ? [vocab] : []), ...words, ...rest])
          expect(targets).toEqual([...tokens.slice(1), -1])
        }
      }),
    )
  })

  test('are scored everywhere, or where a later copy tells its next token', () => {
    const scored = { segment: 4, copies: 3, bos: true, separator: true, score: 'copies' } as const
    const [{ tokens, targets }] = sequencesOf(repeatedTokens(scored).batch(0, 1))
    const inLater = [6, 7, 8, 11, 12, 13]
    expect(targets).toEqual(tokens.map((_, pos) => (inLater.includes(pos) ? tokens[pos + 1] : -1)))
  })
})

describe('copies among other tokens', () => {
  const song = { vocab: 64, length: 64, segment: [10, 19], tokens: 'zipf', score: 'copies' } as const
  const ood = { tokens: 'uniform', segment: 25 } as const

  test('have the lengths and distances of Song et al.', () => {
    const copies = sequencesOf(repeatedTokens(song).batch(0, 2000)).map(({ tokens, targets }) => {
      const start = targets.findIndex((target) => target >= 0)
      const size = targets.filter((target) => target >= 0).length + 1
      const words = tokens.slice(start, start + size)
      expect(targets.slice(start, start + size - 1)).toEqual(words.slice(1))
      const firsts = tokens.flatMap((_, pos) => (words.every((word, i) => tokens[pos + i] === word) ? [pos] : []))
      expect(firsts).toContain(start)
      return { size, gap: start - firsts[0] - size, last: 64 - start - size }
    })
    const sizes = countsOf(
      copies.map(({ size }) => size - 10),
      10,
    )
    expect(chiSquare(sizes)).toBeLessThan(chiSquareLimit(10))
    expect(Math.min(...copies.map(({ gap }) => gap))).toBe(1)
    expect(Math.min(...copies.map(({ last }) => last))).toBe(1)
    // The gap between two different numbers out of r = 64 − 2 size, sorted: mean (r + 1) / 3.
    const mean = copies.reduce((sum, { gap, size }) => sum + gap - (65 - 2 * size) / 3, 0) / copies.length
    expect(Math.abs(mean)).toBeLessThan(0.7)
  })

  test('are of the unigram asked for', () => {
    const { tokens } = repeatedTokens({ ...song, segment: 1 }).batch(0, 4000)
    const weights = Array.from({ length: 64 }, (_, i) => 1 / (i + 1 + 2.7))
    const total = weights.reduce((sum, weight) => sum + weight)
    // The first token of a sequence alone, since copies are not independent.
    const firsts = Array.from({ length: 4000 }, (_, row) => tokens.data[row * 64])
    expect(
      chiSquare(
        countsOf(firsts, 64),
        weights.map((weight) => weight / total),
      ),
    ).toBeLessThan(chiSquareLimit(64))
    const two = repeatedTokens({ vocab: 3, tokens: [1, 0, 3] }).batch(0, 500).tokens.data
    expect(countsOf(two, 3)[1]).toBe(0)
    const uniform = repeatedTokens({ vocab: 8, segment: 1 })
      .batch(0, 4000)
      .tokens.data.filter((_, i) => i % 2 === 0)
    expect(chiSquare(countsOf(uniform, 8))).toBeLessThan(chiSquareLimit(8))
  })

  test('have evaluators with what differs, in and out of distribution', () => {
    const task = repeatedTokens({
      ...song,
      evaluators: { ood, copying: { segment: 6, copies: 8, length: null, distinct: true, tokens: 'uniform' } },
    })
    expect(task.evaluators).toEqual(['train', 'ood', 'copying'])
    const out = sequencesOf(task.evaluator('ood', 50))
    for (const { targets } of out) expect(targets.filter((target) => target >= 0)).toHaveLength(24)
    expect(task.evaluator('copying', 4).tokens.shape).toEqual([4, 48])
    for (const { tokens } of sequencesOf(task.evaluator('copying', 50))) {
      expect(new Set(tokens).size).toBe(6)
      expect(tokens.slice(0, 42)).toEqual(tokens.slice(6))
    }
    expect(task.config.evaluators).toEqual({
      ood,
      copying: { segment: 6, copies: 8, length: null, distinct: true, tokens: 'uniform' },
    })
    const same = repeatedTokens({ ...song, seeds: { data: 0 } })
    expect(same.batch(4, 8)).toEqual(task.batch(4, 8))
  })
})

describe('options are refused', () => {
  test.each<[string, RepeatedTokensOptions, string, RegExp]>([
    ['a range without a length', { segment: [3, 4] }, 'VALUE', /^repeatedTokens: segment: expected one length/],
    [
      'a range upside down',
      { segment: [4, 3], length: 64 },
      'VALUE',
      /^repeatedTokens: segment: expected two positive integers/,
    ],
    ['no room for others', { segment: 5, length: 11 }, 'VALUE', /^repeatedTokens: length: .*from 12 to .*got 11/],
    ['separators among other tokens', { separator: true, length: 64 }, 'NO_EFFECT', /^repeatedTokens: separator: /],
    [
      'distinct tokens by frequency',
      { distinct: true, tokens: 'zipf' },
      'VALUE',
      /^repeatedTokens: tokens: .*distinct/,
    ],
    ['more distinct tokens than there are', { distinct: true, vocab: 8 }, 'VALUE', /segment: .*from 1 to 8, got 16/],
    ['too few weights', { tokens: [1, 2] }, 'SHAPE', /^repeatedTokens: tokens: expected 64 weights.*got 2/],
    [
      'weights of nothing',
      { tokens: [0, 0], vocab: 2 },
      'VALUE',
      /^repeatedTokens: tokens: expected weights of 0 or more, not all 0/,
    ],
    ['one copy', { copies: 1 }, 'VALUE', /^repeatedTokens: copies: /],
    ['too much', { segment: 2 ** 20 }, 'VALUE', /^repeatedTokens: length: .*got 2097152/],
    [
      'an evaluator’s too',
      { evaluators: { ood: { segment: [2, 3] } } },
      'VALUE',
      /: evaluators\.ood\.segment: expected one/,
    ],
    ['what evaluators cannot change', { evaluators: { a: { vocab: 3 } } } as never, 'NAME', /evaluators\.a: .*"vocab"/],
  ])('%s', (_, options, code, message) => {
    const expected = expect.objectContaining({ code, message: expect.stringMatching(message) })
    expect(() => repeatedTokens(options)).toThrow(expected)
  })
})

describe('a model of tokens', () => {
  const fresh = repeatedTokens({ vocab: 8, segment: 4, bos: true, evaluationSize: 16 })
  const model = attentionOnly({ layers: 2, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 9 }, readout: 'all' })
  const tasks = {
    fresh,
    mixed: mix({ fresh: { task: fresh, share: 0.5 }, again: { task: pool(fresh, { size: 8 }), share: 0.5 } }),
  }

  test.each(['fresh', 'mixed'] as const)(
    'trains on them, %s, and goes on from any step to the same bits',
    async (name) => {
      const checkpoints: Checkpoint[] = []
      const options = { sequences: 96, batch: 16, evaluateAt: 48 }
      const onEvent = (event: TrainEvent) => {
        if (event.type === 'checkpoint') checkpoints.push(event.checkpoint)
      }
      const whole = await train(model, tasks[name], { ...options, checkpointEvery: 32, onEvent })
      expect(whole.records.length).toBeGreaterThan(0)
      expect(checkpoints.length).toBeGreaterThan(1)
      for (const checkpoint of checkpoints) {
        const resume = decodeCheckpoint(encodeCheckpoint(checkpoint))
        const again = await train(model, tasks[name], { ...options, resume })
        expect(encodeCheckpoint(again.checkpoint)).toEqual(encodeCheckpoint(whole.checkpoint))
      }
    },
  )

  test('does not go on with another composition', async () => {
    const { checkpoint } = await train(model, fresh, { sequences: 32, batch: 16 })
    await expect(train(model, tasks.mixed, { sequences: 64, batch: 16, resume: checkpoint })).rejects.toThrow(
      /CHECKPOINT/,
    )
  })
})
