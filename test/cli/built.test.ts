import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/command-line.ts'

/** Runs the built program. */
function opsin(argv: readonly string[]) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...argv])
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    written.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    written.stderr += chunk
  })
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (status) => resolve({ status, ...written }))
  })
}

describe('the built program', () => {
  test('spreads a figure over workers, with the numbers of one', async () => {
    const folder = temporaryFolder()
    const results = await Promise.all(
      ['1', '3'].map((workers) =>
        opsin([
          'reproduce',
          'figure-5b',
          '--sequences',
          '96',
          '--json',
          '--workers',
          workers,
          '--out',
          join(folder, workers),
        ]),
      ),
    )
    const [one, three] = results.map(({ status, stdout }) => {
      expect(status).toBe(0)
      return JSON.parse(stdout).conditions.map(({ name, curve }: { name: string; curve: unknown }) => [name, curve])
    })
    expect(one).toEqual(three)
  })

  test('says in one line what went wrong in a worker', async () => {
    const out = temporaryFolder()
    const { status, stderr } = await opsin(['reproduce', 'figure-5b', '--features', 'nowhere.npy', '--out', out])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: [^\n]*nowhere\.npy[^\n]*\[IO\]\n$/)
  })
})
