import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'

test('npm run bench -- --json prints every section, from one step of each', { timeout: 120_000 }, () => {
  const flags = ['--json', '--quick', '--no-peers', '--no-node24']
  const said = execFileSync(process.execPath, ['test/bench/main.mjs', ...flags], { encoding: 'utf8', stdio: 'pipe' })
  const results = JSON.parse(said)
  expect(Object.keys(results)).toEqual([
    'paperStep',
    'clamps',
    'hooks',
    'sizes',
    'large',
    'session',
    'workers',
    'passes',
    'kernels',
  ])
  for (const rows of Object.values<unknown[]>(results)) expect(rows.length).toBeGreaterThan(0)
  expect(Object.keys(results.paperStep[0])).toEqual(['engine', 'node', 'msPerStep', 'ratioToTorchEager', 'ratioToJax'])
  expect(results.paperStep.every(({ msPerStep }: { msPerStep: number }) => msPerStep > 0)).toBe(true)
})

/** Like npm under our .npmrc, which looks at the folder that it is to install into; what it installs is the Node we have. */
const npm = `#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
[ -d "$2" ] || exit 1
mkdir -p "$2/node_modules/\${3%@24}/bin" && ln -s "${process.execPath}" "$2/node_modules/\${3%@24}/bin/node"
`

test.skipIf(process.versions.node.startsWith('24.') || process.platform === 'win32')(
  'npm run bench has Node 24 the first time too, when there is no folder for it yet',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'opsin-bench-'))
    writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 })
    const code = `
      import { nodes } from './test/bench/machine.mjs'
      console.log(nodes(console.error, false, ${JSON.stringify(join(folder, 'deep', 'node24'))}).length)`
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    })
    rmSync(folder, { recursive: true })
    expect(said.trim()).toBe('2')
  },
)
