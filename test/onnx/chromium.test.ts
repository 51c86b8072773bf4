import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ablate, at, runWithCache, tensor } from 'opsin'
import { load as loadModel, modelNames } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ops } from '../../src/ops/registry.ts'
import { launchChromium, noChromium } from '../support/chromium.ts'
import { type RunFile, runOnnx } from '../support/onnx.ts'
import { drawCase, referenceOutput, relativeError } from '../support/op-case.ts'
import { differences } from '../support/ort.ts'
import { serveFolder } from '../support/serve-folder.ts'
import type { Asked } from './browser/page.ts'

declare const asked: Asked

const wasm = 'ort-wasm-simd-threaded.wasm'

describe.skipIf(noChromium)(`ONNX Runtime in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'opsin-ort-'))
  let site: Awaited<ReturnType<typeof serveFolder>>
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const entry = { entryPoints: ['test/onnx/browser/page.ts'], outfile: join(folder, 'page.js') }
    await build({ ...entry, bundle: true, format: 'esm', logLevel: 'silent' })
    copyFileSync(join('node_modules/onnxruntime-web/dist', wasm), join(folder, wasm))
    writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="page.js"></script>')
    site = await serveFolder(folder, { strict: "script-src 'self' 'wasm-unsafe-eval'" })
    browser = await launchChromium()
    page = await browser.newPage()
    await page.goto(`${site.origin}/strict/index.html`)
    await page.waitForFunction(() => 'asked' in globalThis)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await site?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const run: RunFile = (bytes, inputs) =>
    page.evaluate(([bytes, inputs]) => asked.run(bytes, inputs), [bytes, inputs] as const)

  test("computes every op's lowering", async () => {
    const cases = Object.values(ops).flatMap((op) => [0, 1].map((seed) => drawCase(op, seed, 'f32')))
    const results = await runOnnx(cases, run)
    const off = cases.map(
      (one, i) => [one.op.name, relativeError(results[i], referenceOutput(one, 'f32'), one)] as const,
    )
    expect(off.filter(([, error]) => !(error < 1e-5))).toEqual([])
  })

  test.each(modelNames())('runs the shipped model %s, and clamps it', async (name) => {
    const { model, parameters, task } = await loadModel(name)
    const inputs = { ...task.tables, ...task.evaluator('train', 3) }
    const hooks = ['blocks.1.attn.pattern', 'blocks.1.attn.z', 'logits'] as const
    const { bytes } = exportOnnx(model, parameters, { inputs, hooks, gates: ['blocks.1.attn.z'], task })
    const lists = [[], [ablate(at(model, 'blocks.1.attn.z', { head: 3 }))]]
    const ran = await page.evaluate(([bytes, inputs, lists]) => asked.inSession(bytes, inputs, lists), [
      bytes,
      inputs,
      lists,
    ] as const)
    for (const [i, { engine, values }] of ran.entries()) {
      expect(engine).toBe('onnxruntime-web 1.30.0 (wasm)')
      const options = { cache: hooks, interventions: lists[i], engine: 'reference' } as const
      const { cache: expected } = await runWithCache(model, parameters, inputs, options)
      const actual = Object.entries(values).map(([point, { dims, data }]) => [point, tensor(dims, data)])
      expect(differences(Object.fromEntries(actual), expected)).toEqual({})
    }
    expect(ran.length).toBe(lists.length)
  })
})
