import fc from 'fast-check'
import { OpsinError } from 'opsin'
import { describe, expect, it } from 'vitest'
import * as rules from '../../src/core/check.ts'
import { show } from '../../src/core/show.ts'

const { belowOne, check, count, flag, fraction, integer, oneOf, optional, orNull, positive, readOptions, text } = rules

/** Nothing that JavaScript would quietly take for the number, the string or the truth it is not. */
const coerced = [[], [1], ['1'], '1', '', true, null, new Date(1), { valueOf: () => 1 }, 1n, Symbol('1'), () => 1]

describe('a rule', () => {
  it.each([
    ['an integer', integer(0, 5), [0, 5], [-1, 6, 0.5, Number.NaN, ...coerced]],
    ['a count', count(9), [1, 9], [0, 10, 1.5, 1e308, ...coerced]],
    ['a positive number', positive, [1e-9, 1e308], [0, -1, Number.POSITIVE_INFINITY, Number.NaN, ...coerced]],
    ['a fraction', fraction, [0, 0.5, 1], [-0.1, 1.1, Number.NaN, ...coerced]],
    ['a number below one', belowOne, [0, 0.9], [1, -0.1, ...coerced]],
    ['a flag', flag, [true, false], [0, 'true', null, undefined]],
    ['a string', text, ['', 'x'], [0, null, ['x']]],
    ['one of some words', oneOf('a', 'b'), ['a', 'b'], ['c', ['a'], 0, undefined]],
    ['null or a number', orNull(positive), [null, 1], [0, undefined, 'x']],
  ] as [string, rules.Rule<unknown>, unknown[], unknown[]][])('%s', (_, rule, right, wrong) => {
    for (const value of right) expect(check('here', value, rule)).toBe(value)
    for (const value of wrong) expect(() => check('here', value, rule)).toThrow(/^here: expected .*, got .*\[VALUE\]$/)
  })
})

describe('options', () => {
  const table = { layers: count(8), causal: optional(flag, true), dHead: optional(count(8)) }
  const read = (options: unknown) => readOptions('make', options, table)

  it('have their defaults, and nothing that was not read', () => {
    expect(read({ layers: 2 })).toEqual({ layers: 2, causal: true, dHead: undefined })
    expect(read({ layers: 2, causal: false, dHead: undefined })).toEqual({ layers: 2, causal: false, dHead: undefined })
  })

  it.each([
    ['none', undefined, /make: expected an object of options \(layers, causal, dHead\), got nothing.*\[VALUE\]/],
    ['null', null, /got null.*\[VALUE\]/],
    ['a list', [], /\[VALUE\]/],
    ['a number', 0.5, /got 0\.5/],
    ['a typed array', new Float32Array(2), /got Float32Array of 2/],
    ['one missing', {}, /make: layers: expected a positive integer of at most 8, got nothing.*\[VALUE\]/],
    ['one too large', { layers: 1e308 }, /got 1e\+308/],
    ['one misspelt', { layers: 1, casual: false }, /"casual".*Nearest: causal.*\[NAME\]/],
    ['a null', { layers: 1, causal: null }, /causal: expected true or false, got null/],
  ])('are refused: %s', (_, options, message) => expect(() => read(options)).toThrow(message))

  it('are read once each', () => {
    const reads: string[] = []
    const spy = new Proxy({ layers: 1, causal: false } as Record<string, unknown>, {
      get: (target, key) => {
        reads.push(String(key))
        return target[String(key)]
      },
    })
    read(spy)
    expect(reads).toEqual(['layers', 'causal', 'dHead'])
  })
})

describe('a value in a message', () => {
  it.each([
    [undefined, 'nothing'],
    [Number.NaN, 'NaN'],
    [-0, '-0'],
    [1n, '1n'],
    [Symbol('x'), 'Symbol(x)'],
    [() => 0, 'a function'],
    ['a "b"', '"a \\"b\\""'],
    [{ a: [1, Number.NaN] }, '{"a":[1,"NaN"]}'],
    [new Int32Array(3), 'Int32Array of 3'],
  ])('%s', (value, shown) => expect(show(value)).toBe(shown))

  it('is short, and never an error of its own', () => {
    const circular: unknown[] = []
    circular.push(circular, Object.create(null))
    for (const value of [circular, 'x'.repeat(1e6), new Array(1e6).fill(0), { data: new Float32Array(1e6) }]) {
      expect(show(value).length).toBeLessThan(90)
    }
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }), (value) => {
        expect(() => check('here', value, { expected: 'nothing of the kind', fits: () => false })).toThrow(OpsinError)
      }),
    )
  })
})
