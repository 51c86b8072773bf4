import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium, noChromium } from '../support/chromium.ts'
import { installed } from '../support/installed.ts'
import { serveFolder } from '../support/serve-folder.ts'

const policies = {
  strict: "script-src 'self' 'wasm-unsafe-eval'",
  'no-wasm': "script-src 'self'",
  open: '',
}
const guide = readFileSync('docs/guide/browser.md', 'utf8')
const [html] = /<script type="importmap">.*<\/script>/s.exec(guide) ?? []

describe.skipIf(noChromium)(`in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  let home: ReturnType<typeof installed>
  let site: Awaited<ReturnType<typeof serveFolder>>
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
    home = installed()
    for (const name of ['proof.js', 'worker.js']) {
      copyFileSync(join('test/package/browser', name), join(home.folder, name))
    }
    const entry = { entryPoints: [join(home.folder, 'worker.js')], outfile: join(home.folder, 'bundle.js') }
    await build({ ...entry, bundle: true, format: 'esm', logLevel: 'silent' })
    writeFileSync(join(home.folder, 'index.html'), '<!doctype html><title>proof</title>')
    writeFileSync(
      join(home.folder, 'guide.html'),
      `<!doctype html><body></body>${html}`.replaceAll('"/node_modules', '"/open/node_modules'),
    )
    site = await serveFolder(home.folder, policies)
  })

  afterAll(async () => {
    await browser?.close()
    await site?.close()
    home?.remove()
  })

  /** What a worker of a page under a policy answers. */
  async function inWorker(policy: keyof typeof policies, engine: string) {
    const page = await browser.newPage()
    await page.goto(`${site.origin}/${policy}/index.html`)
    const answer = await page.evaluate(
      ([url, engine]) =>
        new Promise<any>((resolve, reject) => {
          const worker = new Worker(url, { type: 'module' })
          worker.onmessage = ({ data }) => resolve(data)
          worker.onerror = ({ message }) => reject(new Error(`the worker: ${message}`))
          worker.postMessage(engine)
        }),
      [`/${policy}/bundle.js`, engine],
    )
    await page.close()
    return answer
  }

  const inNode = async (engine: string) => {
    const { proof } = await import(pathToFileURL(join(home.folder, 'proof.js')).href)
    return JSON.parse(JSON.stringify(await proof(engine)))
  }

  const fma = Number(process.versions.node.split('.')[0]) >= 22 ? ['wasm-fma'] : []
  test.each(['wasm', 'reference', 'reference-f32', ...fma])('%s gives in a worker the bits of Node', async (engine) => {
    const [browserSaid, nodeSaid] = [await inWorker('strict', engine), await inNode(engine)]
    expect(browserSaid.error).toBeUndefined()
    expect(browserSaid.evaluates, 'the policy is in force').toBe(false)
    expect(browserSaid.proof).toEqual(nodeSaid)
    const { losses, receipts, resumed, weights } = nodeSaid
    expect(losses).toHaveLength(20)
    expect(receipts.map((receipt: { fired: number }) => receipt.fired)).toEqual([5, 20])
    expect(resumed).toEqual({ losses: losses.slice(10), weights })
  })

  test('where a policy forbids WebAssembly, wasm says so and reference computes', async () => {
    expect((await inWorker('no-wasm', 'wasm')).error.code).toBe('ENGINE')
    const { proof } = await inWorker('no-wasm', 'reference')
    expect(proof.weights).toBe((await inNode('reference')).weights)
  })

  test("the guide's page runs through its import map", async () => {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', ({ message }) => errors.push(message))
    await page.goto(`${site.origin}/open/guide.html`)
    await page.waitForFunction(() => document.body.textContent?.startsWith('loss '), undefined, { timeout: 10_000 })
    expect(errors).toEqual([])
    expect(await page.textContent('body')).toMatch(/^loss \d\.\d+$/)
  })
})
