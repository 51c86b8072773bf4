import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { version } from '../../src/core/version.ts'

test('the version is that of the package', () => {
  const { version: packaged } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(version).toBe(packaged)
})
