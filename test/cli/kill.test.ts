import { spawn } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { philox } from '../../src/core/rng.ts'
import { contents, temporaryFolder } from '../support/command-line.ts'

const config = {
  model: { layers: 2, heads: 4, dModel: 32 },
  task: { classes: 20, labels: 5, features: { features: 64 }, evaluationSize: 64 },
  sequences: 30_000,
  evaluateAt: 640,
  checkpointEvery: 1024,
  interventions: [
    {
      version: 1,
      kind: 'ablate',
      at: { point: 'blocks.1.attn.v', select: { head: 0 } },
      when: { unit: 'sequences', from: 5000, to: 15_000 },
    },
  ],
  probes: [{ kind: 'loss' }, { kind: 'induction-strength', layer: 1, every: 2000 }],
}

/** Runs the built program, and kills it as soon as its log is longer than so many bytes. */
function opsin(argv: readonly string[], log = '', killAt = Number.POSITIVE_INFINITY): Promise<number | null> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...argv], { stdio: 'ignore' })
  const looking = setInterval(() => {
    if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > killAt) child.kill('SIGKILL')
  }, 1)
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(looking)
      resolve(code)
    })
  })
}

describe('a run that is killed with SIGKILL', () => {
  test('and resumed, as often as it takes, leaves the bytes of an unbroken one', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'run.json')
    writeFileSync(path, JSON.stringify(config))
    const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')]
    expect(await opsin(['train', path, '--out', whole])).toBe(0)

    const log = join(broken, 'log.jsonl')
    const length = statSync(join(whole, 'log.jsonl')).size
    const random = philox(1, 0)
    const moments = Array.from({ length: 6 }, (_, time) => random.below(length, time, 0, 0)).sort((a, b) => a - b)
    const statuses: (number | null)[] = []
    for (const moment of moments) statuses.push(await opsin(['train', path, '--out', broken, '--resume'], log, moment))
    expect(statuses.filter((status) => status === null).length).toBeGreaterThan(2)
    expect(await opsin(['train', path, '--out', broken, '--resume'])).toBe(0)
    expect(contents(broken)).toEqual(contents(whole))
  })
})
