import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { snippets } from '../support/snippets.ts'

const home = process.cwd()
let folder: string

// Snippets may print, and may write files into the folder they run in; an assertion of theirs that fails throws.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opsin-snippet-'))
  process.chdir(folder)
  for (const method of ['log', 'table'] as const) vi.spyOn(console, method).mockImplementation(() => {})
  vi.spyOn(console, 'assert').mockImplementation((holds, ...what) =>
    expect(holds, what.map(String).join(' ')).toBeTruthy(),
  )
})

afterEach(() => {
  vi.restoreAllMocks()
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
})

describe('every snippet of the docs runs', () => {
  const running = snippets().filter(({ runs }) => runs)

  test.each(running)('$at', async ({ file }) => {
    await import(file)
  })
})
