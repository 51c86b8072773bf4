import { OpsinError, type Turns } from 'opsin'
import { describe, expect, it, test } from 'vitest'
import { readOptions } from '../../src/core/check.ts'
import { isTurn, someTurns, updatesBefore } from '../../src/optimizers/turns.ts'

const read = (turns: unknown) => readOptions('group', { turns }, { turns: someTurns }).turns

describe('the steps of turns', () => {
  test.each<[Turns, number[]]>([
    [{ every: 2, to: 1 }, [0, 2, 4, 6, 8, 10]],
    [{ every: 2, from: 1 }, [1, 3, 5, 7, 9, 11]],
    [{ every: 5, from: 1, to: 3 }, [1, 2, 6, 7, 11]],
    // An end beyond the cycle's: all that { every: 3, from: 1, to: 2 } leaves.
    [{ every: 3, from: 2, to: 4 }, [0, 2, 3, 5, 6, 8, 9, 11]],
    [{ from: 9 }, [9, 10, 11]],
    [{ to: 3 }, [0, 1, 2]],
    [{ from: 2, to: 4 }, [2, 3]],
  ])('%j', (given, expected) => {
    const turns = read(given)
    const all = Array.from({ length: 12 }, (_, step) => step)
    expect(all.filter((step) => isTurn(turns, step))).toEqual(expected)
    for (const step of all) {
      expect(updatesBefore(turns, step), `before ${step}`).toBe(expected.filter((one) => one < step).length)
    }
    expect(read(JSON.parse(JSON.stringify(turns)))).toEqual(turns)
  })

  it('no turns are all steps', () => {
    expect([0, 5].map((step) => isTurn(undefined, step))).toEqual([true, true])
    expect(updatesBefore(undefined, 7)).toBe(7)
  })
})

describe('turns that are none, or all, are refused', () => {
  test.each<[object]>([
    [{}],
    [{ from: 0 }],
    [{ every: 3 }],
    [{ every: 3, to: 3 }],
    [{ every: 3, from: 3, to: 4 }],
    [{ every: 3, from: 2, to: 2 }],
    [{ every: 1, to: 1 }],
    [{ from: 4, to: 4 }],
    [{ every: 2.5, to: 1 }],
    [{ every: 3, at: [0] }],
  ])('%j', (turns) => expect(() => read(turns)).toThrow(OpsinError))
})
