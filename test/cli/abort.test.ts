import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { philox } from '../../src/core/rng.ts'
import { contents, opsin, temporaryFolder } from '../support/command-line.ts'
import { manyMoments } from '../support/moments.ts'

const random = philox(23, 0)
const worker = new URL('../../dist/cli/worker.js', import.meta.url)
const stopped = { status: 130, stdout: '', stderr: expect.stringMatching(/opsin: stopped\n$/) }

/** Moments up to `longest` ms, more of them early, when things start. */
function moments(count: number, longest: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(random.uniform(i, longest, 0) ** 2 * longest))
}

/** A signal that is aborted after so many ms. */
function abortedAfter(ms: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), ms)
  return controller.signal
}

const config = {
  model: { layers: 2, heads: 2, dModel: 8 },
  task: { classes: 20, labels: 5, features: { features: 16 }, evaluationSize: 32 },
  sequences: 16_000,
  evaluateAt: 32,
  checkpointEvery: 320,
}

function prepared(document: object = config) {
  const folder = temporaryFolder()
  const path = join(folder, 'run.json')
  writeFileSync(path, JSON.stringify(document))
  return { path, out: join(folder, 'out') }
}

describe('an abort is heard at any moment', () => {
  test.each([
    ['in this thread', {}],
    ['in workers', { worker }],
  ])('by opsin reproduce, computing %s; it leaves nothing', { timeout: 600_000 }, async (_, more) => {
    for (const after of moments(manyMoments(10), 1500)) {
      const folder = temporaryFolder()
      const argv = ['reproduce', 'figure-5b', '--workers', '2', '--out', join(folder, 'out')]
      const before = performance.now()
      expect(await opsin(argv, abortedAfter(after), more), `after ${after} ms`).toMatchObject(stopped)
      // One breath, and room for a machine that does other things. Of the whole figure this is a hundredth.
      expect(performance.now() - before - after, `after ${after} ms`).toBeLessThan(10_000)
      expect(contents(folder)).toEqual({})
    }
  })

  test('by opsin reproduce, from a condition that has ended to the last, whose figure is then drawn', async () => {
    for (let last = 1; last <= 6; last++) {
      const folder = temporaryFolder()
      const controller = new AbortController()
      let lines = 0
      const onError = () => {
        // After this turn, when it may be drawing.
        if (++lines === last) setTimeout(() => controller.abort(), 0)
      }
      const argv = ['reproduce', 'figure-5b', '--sequences', '64', '--out', join(folder, 'out')]
      expect(await opsin(argv, controller.signal, { onError }), `after ${last}`).toMatchObject(stopped)
      expect(contents(folder)).toEqual({})
    }
  })

  test('by opsin train; going on from there leaves the bytes of an unbroken run', { timeout: 600_000 }, async () => {
    const whole = prepared()
    expect(await opsin(['train', whole.path, '--out', whole.out])).toMatchObject({ status: 0 })
    for (const after of moments(manyMoments(6), 400)) {
      const { path, out } = prepared()
      const signal = abortedAfter(after)
      const result = await opsin(['train', path, '--out', out], signal)
      // On a fast machine it may have ended before.
      if (signal.aborted) expect(result, `after ${after} ms`).toMatchObject(stopped)
      expect(await opsin(['train', path, '--out', out, '--resume'])).toMatchObject({ status: 0 })
      expect(contents(out), `after ${after} ms`).toEqual(contents(whole.out))
    }
  })

  test.each([['reproduce'], ['train'], ['replay']])('by opsin %s before it begins', async (command) => {
    const { path, out } = prepared()
    const argv = { reproduce: ['figure-5b', '--out', out], train: [path, '--out', out], replay: [out] }[command] ?? []
    expect(await opsin([command, ...argv], AbortSignal.abort())).toMatchObject(stopped)
    expect(existsSync(out)).toBe(false)
  })
})

describe('a Ctrl-C of the built program is heard', () => {
  /** Runs it, and sends the signal after so many ms. */
  function interrupted(argv: readonly string[], after: number) {
    const child = spawn(process.execPath, ['dist/cli/main.js', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
    setTimeout(() => child.kill('SIGINT'), after)
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    return new Promise<unknown>((resolve) => {
      // Before the program is there to hear it, the signal ends the process.
      child.on('close', (status, signal) => resolve(signal === 'SIGINT' ? 'ended' : { status, stderr }))
    })
  }
  const heard = { status: 130, stderr: expect.stringMatching(/^(.*: loss .*\n)*opsin: stopped\n$/) }

  test('by opsin reproduce in its workers, by opsin train in its thread', { timeout: 600_000 }, async () => {
    const { path } = prepared({ ...config, sequences: 1e7 })
    // The last two are late enough for all to compute.
    for (const [i, after] of [...moments(manyMoments(8), 2500), 4000, 4000].entries()) {
      const folder = temporaryFolder()
      const argv = i % 2 === 0 ? ['reproduce', 'figure-5b', '--workers', '2'] : ['train', path]
      const result = await interrupted([...argv, '--out', join(folder, 'out')], after)
      if (result !== 'ended') expect(result, `${argv[0]} after ${after} ms`).toEqual(heard)
      if (i % 2 === 0) expect(contents(folder)).toEqual({})
    }
  })
})
