import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes } from '../../src/core/errors.ts'

const sections = readFileSync('docs/errors.md', 'utf8').split(/^## /m).slice(1)

test('docs/errors.md has a section for each code, in the order of the table, and no other', () => {
  expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(errorCodes))
})

test.each(sections.map((section) => [section.split('\n')[0], section]))(
  '%s: symptom, causes and what to do',
  (code, section) => {
    expect(section).toContain(errorCodes[code as keyof typeof errorCodes])
    for (const part of ['**Symptom.**', '**Usual causes.**', '**What to do.**']) expect(section).toContain(part)
  },
)
