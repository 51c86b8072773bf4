import {
  adam,
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  OpsinError,
  optimizerFrom,
  stepSchedule,
  warmUpSchedule,
} from 'opsin'
import { describe, expect, it, test } from 'vitest'
import { cosOfHalfTurn, power } from '../../src/core/exact-math.ts'
import { type Rate, rateAt } from '../../src/optimizers/schedules/index.ts'

const values = (rate: Rate, count: number) => Array.from({ length: count }, (_, step) => rateAt(rate, step))

describe('what a rate comes to, step by step', () => {
  const rise = (before: Parameters<typeof warmUpSchedule>[0]['before'], from?: number) =>
    warmUpSchedule(from === undefined ? { steps: 2, before } : { steps: 2, from, before })
  const half = Math.SQRT1_2 / 2
  test.each<[string, Rate, number[]]>([
    ['a number', 0.5, [0.5, 0.5]],
    ['constant', constantSchedule({ value: 0.5 }), [0.5, 0.5]],
    ['linear', linearSchedule({ from: 1, to: 0.5, steps: 4 }), [1, 0.875, 0.75, 0.625, 0.5, 0.5]],
    ['linear to nothing', linearSchedule({ from: 1, steps: 2 }), [1, 0.5, 0, 0]],
    ['linear upwards', linearSchedule({ from: 1, to: 3, steps: 2 }), [1, 2, 3, 3]],
    ['cosine', cosineSchedule({ from: 1, steps: 4 }), [1, 0.5 + half, 0.5, 0.5 - half, 0, 0, 0]],
    ['cosine to a rest', cosineSchedule({ from: 3, to: 1, steps: 2 }), [3, 2, 1, 1]],
    ['steps', stepSchedule({ from: 8, factor: 0.5, at: [1, 3] }), [8, 4, 4, 2, 2]],
    ['a warm-up', rise(constantSchedule({ value: 4 })), [0, 2, 4, 4]],
    ['a warm-up from somewhere', rise(linearSchedule({ from: 4, to: 0, steps: 4 }), 2), [2, 3, 4, 3, 2, 1, 0, 0]],
    ['a warm-up before steps', rise(stepSchedule({ from: 4, factor: 0.5, at: [1] })), [0, 2, 4, 2, 2]],
  ])('%s', (_, rate, expected) => {
    values(rate, expected.length).forEach((value, step) => {
      expect(value, `step ${step}`).toBeCloseTo(expected[step], 15)
    })
  })
})

it('is plain JSON, which rebuilds it', () => {
  const lr = warmUpSchedule({ steps: 5, before: cosineSchedule({ from: 1e-3, steps: 10 }) })
  expect(JSON.parse(JSON.stringify(lr))).toEqual(lr)
  expect(optimizerFrom(JSON.parse(JSON.stringify({ kind: 'adam', lr }))).config).toEqual(adam({ lr }).config)
})

describe('a schedule that makes no sense is refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'no rate',
      () => constantSchedule({ value: 0 }),
      /constantSchedule: value: expected a positive number, got 0.*\[VALUE\]/,
    ],
    ['no length', () => linearSchedule({ from: 1, steps: 0 }), /linearSchedule: steps.*of steps, got 0.*\[VALUE\]/],
    ['half a step', () => cosineSchedule({ from: 1, steps: 1.5 }), /cosineSchedule: steps.*\[VALUE\]/],
    ['below nothing', () => cosineSchedule({ from: 1, to: -1, steps: 3 }), /cosineSchedule: to.*\[VALUE\]/],
    ['steps that fall', () => stepSchedule({ from: 1, factor: 0.1, at: [5, 3] }), /stepSchedule: at.*rise.*\[VALUE\]/],
    ['no steps', () => stepSchedule({ from: 1, factor: 0.1, at: [] }), /stepSchedule: at.*\[VALUE\]/],
    ['an option of none', () => linearSchedule({ from: 1, till: 2, steps: 3 } as never), /"till".*Nearest: .*\[NAME\]/],
    [
      'nothing to warm up for',
      () => warmUpSchedule({ steps: 5 } as never),
      /warmUpSchedule: before: .*got nothing.*\[VALUE\]/,
    ],
    [
      'a warm-up to a number',
      () => warmUpSchedule({ steps: 5, before: 1 as never }),
      /warmUpSchedule: before: expected a schedule.*got 1\..*\[VALUE\]/,
    ],
    ['a warm-up to a warm-up', () => nested(), /warmUpSchedule: before\.kind.*"warm-up".*\[NAME\]/],
    ['another kind', () => adam({ lr: { kind: 'cosin' } as never }), /adam: lr\.kind.*Nearest: cosine.*\[NAME\]/],
    ['what it lacks', () => adam({ lr: { kind: 'linear', from: 1 } as never }), /adam: lr\.steps.*\[VALUE\]/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OpsinError)
  })

  const nested = () =>
    warmUpSchedule({ steps: 5, before: warmUpSchedule({ steps: 1, before: constantSchedule({ value: 1 }) }) as never })
})

describe('exact math', () => {
  it('has cosines within rounding', () => {
    for (let i = 0; i <= 1000; i++) {
      const wanted = Math.cos((Math.PI * i) / 1000)
      expect(Math.abs(cosOfHalfTurn(i / 1000) - wanted), `${i}`).toBeLessThan(5e-16)
    }
  })

  it('has powers within rounding', () => {
    for (const exponent of [0, 1, 2, 3, 10, 999, 12345]) {
      expect(power(0.999, exponent)).toBeCloseTo(0.999 ** exponent, 14)
    }
  })
})
