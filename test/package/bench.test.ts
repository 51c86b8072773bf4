import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('npm run bench -- --json prints every section, from one step of each', { timeout: 120_000 }, () => {
  const flags = ['--json', '--quick', '--no-peers', '--no-node24']
  const said = execFileSync(process.execPath, ['test/bench/main.mjs', ...flags], { encoding: 'utf8', stdio: 'pipe' })
  const results = JSON.parse(said)
  expect(Object.keys(results)).toEqual(['paperStep', 'clamps', 'hooks', 'sizes', 'workers', 'passes', 'kernels'])
  for (const rows of Object.values<unknown[]>(results)) expect(rows.length).toBeGreaterThan(0)
  expect(Object.keys(results.paperStep[0])).toEqual(['engine', 'node', 'msPerStep', 'ratioToTorchEager', 'ratioToJax'])
  expect(results.paperStep.every(({ msPerStep }: { msPerStep: number }) => msPerStep > 0)).toBe(true)
})
