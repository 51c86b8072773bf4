import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { philox } from '../../src/core/rng.ts'
import { contents, temporaryFolder } from '../support/command-line.ts'
import { manyMoments } from '../support/moments.ts'

const config = {
  model: { layers: 2, heads: 4, dModel: 32 },
  task: { classes: 20, labels: 5, features: { features: 64 }, evaluationSize: 64 },
  sequences: 12_000,
  evaluateAt: 640,
  checkpointEvery: 1024,
  interventions: [
    {
      version: 2,
      kind: 'ablate',
      at: { point: 'blocks.1.attn.v', select: { head: 0 } },
      when: { unit: 'sequences', from: 5000, to: 8000 },
    },
  ],
  probes: [{ kind: 'cross-entropy' }, { kind: 'induction-strength', layer: 1, every: 2000 }],
}

/**
 * Runs the built program, which is killed before so many writes of its files; gives its status, or `null` when it was
 * killed.
 */
function opsin(argv: readonly string[], killAt = Number.POSITIVE_INFINITY): Promise<number | null> {
  const child = spawn(process.execPath, ['--import', killer, 'dist/cli/main.js', ...argv], {
    stdio: 'ignore',
    env: { ...process.env, OPSIN_KILL_AT: String(killAt) },
  })
  return new Promise((resolve) => child.on('close', resolve))
}

const killer = new URL('../support/kill-at.mjs', import.meta.url).href

describe('a run that is killed with SIGKILL', () => {
  test('and resumed, as often as it takes, leaves the bytes of an unbroken one', { timeout: 600_000 }, async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'run.json')
    writeFileSync(path, JSON.stringify(config))
    const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')]
    expect(await opsin(['train', path, '--out', whole])).toBe(0)

    const random = philox(1, 0)
    // Early ones, where folder, lock and log are made; then any. A whole run has about a hundred.
    const moments = [0, 2, 5, ...Array.from({ length: manyMoments(6) }, (_, i) => random.below(70, i, 0, 0))]
    let killed = 0
    for (const moment of moments) {
      const status = await opsin(['train', path, '--out', broken, '--resume'], moment)
      if (status === null) killed++
      else {
        // It had ended before: another one, then.
        expect(status).toBe(0)
        expect(contents(broken)).toEqual(contents(whole))
        rmSync(broken, { recursive: true })
      }
    }
    expect(killed).toBeGreaterThan(5)
    expect(await opsin(['train', path, '--out', broken, '--resume'])).toBe(0)
    expect(contents(broken)).toEqual(contents(whole))
  })
})
