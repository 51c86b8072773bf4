import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { previousTokenPattern } from '../../src/ops/previous-token-pattern.ts'
import { expectClose, runOp } from '../support/run-op.ts'

const pattern = (length: number, strength: number) => runOp(previousTokenPattern, { length, strength })

describe('previous-token-pattern', () => {
  it('splits each row between the previous token and the token itself', () => {
    expect(pattern(4, 0.75)).toEqual([
      ...[1, 0, 0, 0],
      ...[0.75, 0.25, 0, 0],
      ...[0, 0.75, 0.25, 0],
      ...[0, 0, 0.75, 0.25],
    ])
  })

  it('is the shifted identity at strength 1 and the identity at strength 0', () => {
    expect(pattern(3, 1)).toEqual([1, 0, 0, 1, 0, 0, 0, 1, 0])
    expect(pattern(3, 0)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
  })

  it('leaves a single token to itself', () => {
    expect(pattern(1, 0.9)).toEqual([1])
  })

  it('moves a sequence by one token: what is read is a weighted mean of this token and the one before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 33 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (sequence, strength) => {
          const { length } = sequence
          const flat = pattern(length, strength)
          const read = sequence.map((_, query) =>
            sequence.reduce((sum, value, key) => sum + flat[query * length + key] * value, 0),
          )
          const before = [sequence[0], ...sequence]
          expectClose(
            read,
            sequence.map((own, i) => strength * before[i] + (1 - strength) * own),
          )
        },
      ),
    )
  })

  it('refuses a length that is none', () => {
    for (const length of [0, -2, 1.5]) expect(() => pattern(length, 1)).toThrow('[VALUE]')
  })
})
