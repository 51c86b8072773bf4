import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contents, temporaryFolder } from '../support/command-line.ts'

/** Runs the built program; once stderr says something it gets the signal, if any. */
function opsin(argv: readonly string[], signal?: NodeJS.Signals) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...argv])
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    written.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    if (written.stderr === '' && signal !== undefined) child.kill(signal)
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

  test('stops at Ctrl-C while its workers compute, and leaves nothing', async () => {
    const folder = temporaryFolder()
    // The first two conditions are short enough to be heard of, the folder is there by then.
    const argv = ['reproduce', 'figure-5b', '--sequences', '5000', '--workers', '2', '--out', join(folder, 'out')]
    const { status, stdout, stderr } = await opsin(argv, 'SIGINT')
    expect([status, stdout]).toEqual([130, ''])
    expect(stderr).toMatch(/opsin: stopped\n$/)
    expect(contents(folder)).toEqual({})
  })

  test('says in one line what went wrong in a worker', async () => {
    const out = temporaryFolder()
    const { status, stderr } = await opsin(['reproduce', 'figure-5b', '--features', 'nowhere.npy', '--out', out])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: [^\n]*nowhere\.npy[^\n]*\[IO\]\n$/)
  })
})
