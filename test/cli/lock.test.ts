import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contents, opsin, temporaryFolder } from '../support/command-line.ts'

const config = {
  model: { layers: 2, heads: 2, dModel: 8 },
  task: { classes: 20, labels: 5, features: { features: 16 }, evaluationSize: 32 },
  sequences: 6400,
  evaluateAt: 640,
}

function prepared(document: object) {
  const folder = temporaryFolder()
  const path = join(folder, 'run.json')
  writeFileSync(path, JSON.stringify(document))
  return { path, out: join(folder, 'out') }
}

/** Starts the built program; `ended` gives its status and what it said. */
function started(argv: readonly string[]) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...argv], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.on('close', (status) => resolve({ status, stderr }))
  })
  return { child, ended }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resume) => setTimeout(resume, 5))
}

test('a folder in use is refused at once, naming the process; once that is killed, it is free', async () => {
  const { path, out } = prepared({ ...config, sequences: 1e7, checkpointEvery: 32 })
  const { child, ended } = started(['train', path, '--out', out])
  await until(() => existsSync(join(out, 'checkpoint.safetensors')))
  for (const argv of [
    ['train', path, '--out', out],
    ['train', path, '--out', out, '--resume'],
    ['reproduce', 'figure-5b', '--out', out],
  ]) {
    const { status, stderr } = await opsin(argv)
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^opsin: [^\\n]*in use by process ${child.pid} on [^\\n]*\\[IO\\]\\n$`))
  }
  child.kill('SIGKILL')
  await ended
  expect(existsSync(join(out, '.opsin-lock'))).toBe(true)
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 200)
  expect(await opsin(['train', path, '--out', out, '--resume'], controller.signal)).toMatchObject({ status: 130 })
  expect(Object.keys(contents(out))).toEqual(['checkpoint.safetensors', 'log.jsonl'])
})

test('of processes that start at once, over the lock of one that is gone, exactly one has the folder', async () => {
  const whole = prepared(config)
  expect(await opsin(['train', whole.path, '--out', whole.out])).toMatchObject({ status: 0 })
  const { path, out } = prepared(config)
  const gone = started(['train', path, '--out', out])
  await until(() => existsSync(join(out, '.opsin-lock')))
  gone.child.kill('SIGKILL')
  await gone.ended
  for (const name of Object.keys(contents(out))) if (name !== '.opsin-lock') rmSync(join(out, name))

  const results = await Promise.all(Array.from({ length: 4 }, () => started(['train', path, '--out', out]).ended))
  expect(results.filter(({ status }) => status === 0)).toHaveLength(1)
  for (const { status, stderr } of results) {
    // Whoever comes when it is done finds a run.
    if (status !== 0) expect(stderr).toMatch(/^opsin: .*(in use by|with a checkpoint).*\[IO\]\n$/)
  }
  expect(contents(out)).toEqual(contents(whole.out))
})
