// `npm run check`: everything that must hold before a change is done; what is quick first, the tests last.
//   node .ci/check.mjs             all of it
//   node .ci/check.mjs lint types  only these
// Each check's output comes in one piece. A check that fails keeps the tests from running, and the last line,
// `N passed, N failed`, then counts checks instead of tests.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'

/** Scripts of package.json. Two run at a time, so the longest come first. */
const checks = ['package', 'types', 'kernels:check', 'unused', 'layers', 'lint']

function npmRun(script, output) {
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', output, output] })
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ok: code === 0, text: Buffer.concat(chunks).toString().trim() }))
  })
}

async function check(script) {
  const started = performance.now()
  const { ok, text } = await npmRun(script, 'pipe')
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${script} (${seconds} s)${ok ? '' : `\n${text}\n`}`)
  return ok
}

async function twoAtATime(scripts) {
  const waiting = [...scripts]
  const results = []
  const work = async () => {
    while (waiting.length > 0) results.push(await check(waiting.shift()))
  }
  await Promise.all([work(), work()])
  return results
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !checks.includes(name))
if (unknown.length > 0) throw new Error(`no check called ${unknown.join(', ')}; there are ${checks.join(', ')}`)

mkdirSync('node_modules/.cache', { recursive: true })
const results = await twoAtATime(asked.length > 0 ? asked : checks)
const failed = results.filter((ok) => !ok).length
if (failed > 0 || asked.length > 0) {
  console.log(`${results.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} else {
  const { ok } = await npmRun('test', 'inherit')
  process.exitCode = ok ? 0 : 1
}
