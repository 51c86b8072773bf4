import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'

const { layers } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs')

test('the table of docs/architecture.md is the one that is enforced', () => {
  const page = readFileSync('docs/architecture.md', 'utf8')
  const rows = [...page.matchAll(/^\| `(.+?)` \| [^|]+ \| (.+?) \|$/gm)].map(([, folder, may]) => [folder, may])
  const enforced = Object.entries(layers).map(([folder, may]) => [folder, may || '–'])
  expect(rows).toEqual(enforced)
})
