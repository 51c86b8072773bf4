import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'

const page = readFileSync('docs/CONTRIBUTING.md', 'utf8')
const paths = [
  ...new Set([...page.matchAll(/`((?:src|test|docs|models|examples)\/[^`\s]*)`/g)].map(([, path]) => path)),
]

test.each(paths)('%s is there', (path) => {
  const named = path.includes('<') ? dirname(path.slice(0, path.indexOf('<') + 1)) : path
  expect(existsSync(named)).toBe(true)
})

/** Each ```typescript block, with the last file named before it. */
const quotes = [...page.matchAll(/^```typescript\n(.*?)^```$/gms)].map(({ index, 1: code }) => {
  const named = [...page.slice(0, index).matchAll(/`(src\/[^`<\s]+\.ts)`/g)].at(-1)?.[1] ?? 'no file'
  return [named, code] as const
})

test('the worked example quotes files', () => expect(quotes.length).toBeGreaterThan(4))

test.each(quotes)('what is quoted from %s stands there', (file, code) => {
  expect(readFileSync(file, 'utf8')).toContain(code)
})
