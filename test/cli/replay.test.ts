import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { opsin, temporaryFolder } from '../support/command-line.ts'

// Runs of the authors' own code, kept beside the repository; without them there is nothing to replay.
const recordings = new URL('../../../shared/recordings', import.meta.url).pathname

describe.skipIf(!existsSync(recordings))('opsin replay, with ../shared/recordings', () => {
  test('prints how far off it is; status 0 when that is within tolerance', async () => {
    const { status, stdout } = await opsin(['replay', `${recordings}/copy`, '--steps', '5'])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^copy: 5 steps on wasm against the f32 recording, all within tolerance\n/)
    expect(stdout.match(/holds/g)).toHaveLength(3)
  })

  test('with --json prints one JSON object', async () => {
    const { stdout } = await opsin(['replay', `${recordings}/match`, '--steps', '2', '--engine', 'reference', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'match', twin: 'f64', steps: 2, holds: true })
  })

  test('refuses more steps than were recorded', async () => {
    const { status, stderr } = await opsin(['replay', `${recordings}/mlp`, '--steps', '301'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: replay: steps: .*got 301.*\[VALUE\]\n$/)
  })
})

describe('opsin replay says in one line what is wrong with', () => {
  test.each([
    ['a folder that is not there', undefined, /recording\.json.*ENOENT.*\[IO\]/],
    ['malformed JSON', '{', /recording\.json: expected JSON.*\[FORMAT\]/],
    ['another document', '{"version": 2}', /recording\.json: version: expected 1, got 2/],
  ])('%s', async (_, text, message) => {
    const folder = join(temporaryFolder(), 'recording')
    if (text !== undefined) {
      mkdirSync(folder)
      writeFileSync(join(folder, 'recording.json'), text)
    }
    const { status, stderr } = await opsin(['replay', folder])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: [^\n]+\n$/)
    expect(stderr).toMatch(message)
  })
})
