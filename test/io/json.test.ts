import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from '../../src/io/json.ts'
import { opsinError } from './arbitraries.ts'

const nested = (depth: number) => `${'{"a":['.repeat(depth / 2)}${']}'.repeat(depth / 2)}`

describe('readJson', () => {
  test('reads what JSON.parse reads, whatever the strings and the white space', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t\n '), (value, space) => {
        expect(readJson(JSON.stringify(value, null, space), 'x')).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('finds a key that an object says twice, and no other', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('\\', '"', '\\"', '{', '}', '[', ':', ',', '', '__proto__'))
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 1, maxLength: 5 }), fc.nat(), fc.boolean(), (keys, at, isTwice) => {
        const all = isTwice ? [...keys, keys[at % keys.length]] : keys
        const inner = `{${all.map((name) => `${JSON.stringify(name)} : ${JSON.stringify(name)}`).join()}}`
        const text = `[{"same": ${JSON.stringify(keys)}, "other": 1}, {"same": [${inner}]}]`
        if (!isTwice) readJson(text, 'x')
        else expect(opsinError(() => readJson(text, 'x')).got).toMatch(/ twice$/)
      }),
    )
    // However they are written.
    expect(opsinError(() => readJson('{"a":1,"\\u0061":2}', 'x')).got).toBe('"a" twice')
  })

  test('refuses what is nested too deep for whoever walks through it', () => {
    expect(readJson(nested(100), 'x')).toEqual(JSON.parse(nested(100)))
    for (const depth of [102, 10_000, 200_000]) {
      expect(opsinError(() => readJson(nested(depth), 'run.json')).message).toMatch(/^run\.json.*100 deep.*\[FORMAT\]/)
    }
  })

  test('takes time in proportion to the length, and has no limit to it', () => {
    for (const text of ['"'.repeat(3e6), '\\'.repeat(3e6), '\\"{['.repeat(1e6), 'x'.repeat(3e6)]) {
      expect(readJson(JSON.stringify({ [text]: text }), 'x')).toEqual({ [text]: text })
    }
  })

  test.each(['', ' ', '{', '{"a" 1}', 'nonsense', '[1,]'])('%j is no JSON', (text) => {
    expect(opsinError(() => readJson(text, 'run.json')).message).toMatch(/^run\.json: expected JSON, got .*\[FORMAT\]$/)
  })
})
