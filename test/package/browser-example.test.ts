import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as opsin from 'opsin'
import { type LoadedModel, load } from 'opsin/models'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchChromium, noChromium } from '../support/chromium.ts'
import { installed } from '../support/installed.ts'
import { serveFolder } from '../support/serve-folder.ts'

const source = 'examples/browser'
const policy = "script-src 'self' 'wasm-unsafe-eval'"
const desktop = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }
/** Pictures, to be looked at. */
const pictures = 'out/examples/browser'

/** Folders of the packages that the page is built with. Vite comes with vitest. */
const from = createRequire(import.meta.url)
const packages = {
  'onnxruntime-web': join(process.cwd(), 'node_modules/onnxruntime-web'),
  vite: dirname(createRequire(from.resolve('vitest/package.json')).resolve('vite/package.json')),
}

/** Builds the page as its own scripts do, against opsin's tarball. */
function builtPage() {
  const home = installed()
  cpSync(source, home.folder, { recursive: true, filter: (path) => !/\/(node_modules|dist|model\.onnx)$/.test(path) })
  const modules = join(home.folder, 'node_modules')
  for (const [name, folder] of Object.entries(packages)) symlinkSync(folder, join(modules, name))
  mkdirSync(join(modules, '.bin'))
  symlinkSync(join(packages.vite, 'bin/vite.js'), join(modules, '.bin/vite'))
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: home.folder, stdio: 'pipe' })
  return home
}

test('the page asks for the versions that it is tested with', () => {
  const asked = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const tested = Object.entries(packages).map(([name, folder]) => [
    name,
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version,
  ])
  expect({ ...asked.dependencies, ...asked.devDependencies }).toMatchObject(Object.fromEntries(tested))
})

describe.skipIf(noChromium)(`examples/browser in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  let home: ReturnType<typeof installed>
  let site: Awaited<ReturnType<typeof serveFolder>>
  let browser: Browser
  let shipped: LoadedModel
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    home = builtPage()
    site = await serveFolder(join(home.folder, 'dist'), { strict: policy })
    browser = await launchChromium()
    shipped = await load('induction-2l8h')
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await site?.close()
    home?.remove()
  })

  /** Opens the page; whatever goes wrong in it, or is asked of another place, is a problem. */
  async function open(address: string, viewport: typeof phone, colorScheme: 'light' | 'dark' = 'light') {
    page = await browser.newPage({ viewport, colorScheme })
    page.on('console', (message) => void problems.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', ({ message }) => void problems.push(message))
    page.on('request', (request) => {
      if (!request.url().startsWith(`${site.origin}/strict/`)) problems.push(`asked for ${request.url()}`)
    })
    await page.goto(`${site.origin}/strict/index.html${address}`)
    await settled()
  }

  const settled = () => page.waitForSelector('main[aria-busy="false"]')

  beforeEach(() => {
    problems = []
  })

  afterEach(async () => {
    await page.close()
    expect(problems).toEqual([])
  })

  /** The numbers on the page. */
  async function shown() {
    const figures = (selector: string) =>
      page.$$eval(`${selector} data`, (all) => all.map((one) => Number((one as HTMLDataElement).value)))
    const [[accuracy], [loss]] = [await figures('#accuracy'), await figures('#loss')]
    return { answer: await figures('#bars'), accuracy, loss }
  }

  /** What opsin's own engine says of the interventions that the page shows as code. */
  async function native(sequence: number) {
    const { model, parameters, task } = shipped
    const code = await page.textContent('#code')
    const names = ['at', 'ablate', 'clamp', 'scale', 'previousToken', 'induction'] as const
    const make = new Function('model', ...names, `return ({ ${code} }).interventions`)
    const interventions: opsin.Intervention[] = make(model, ...names.map((name) => opsin[name]))
    const batch = task.evaluator('train', 64)
    const inputs = { ...task.trainingTables, ...batch }
    const options = { cache: ['logits', 'loss'], interventions, engine: 'reference' } as const
    const { logits, loss } = (await opsin.runWithCache(model, parameters, inputs, options)).cache
    const rows = Array.from(batch.targets.data, (_, i) => Array.from(logits.data.subarray(5 * i, 5 * (i + 1))))
    const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === batch.targets.data[i])
    const powers = rows[sequence].map(Math.exp)
    const sum = powers.reduce((total, power) => total + power, 0)
    const answer = powers.map((power) => power / sum)
    return {
      target: batch.targets.data[sequence],
      interventions,
      answer,
      accuracy: right.length / 64,
      loss: loss.data[0],
    }
  }

  async function requireAgreement(sequence = 12) {
    const [page, engine] = [await shown(), await native(sequence)]
    page.answer.forEach((probability, label) => void expect(probability).toBeCloseTo(engine.answer[label], 5))
    expect(Math.max(...page.answer.map((p, label) => Math.abs(p - engine.answer[label])))).toBeLessThan(1e-5)
    expect(Math.abs(page.loss - engine.loss)).toBeLessThan(1e-5)
    expect(page.accuracy).toBe(engine.accuracy)
    return engine
  }

  const head = (layer: number, index: number) => `Layer ${layer}, head ${index}`

  test('a head switched off changes the answer as the native engine says', async () => {
    await open('', desktop)
    const before = await requireAgreement()
    expect(before.interventions).toEqual([])
    await page.getByRole('switch', { name: head(1, 3), exact: true }).click()
    await settled()
    const after = await requireAgreement()
    expect(after.interventions).toEqual([opsin.ablate(opsin.at(shipped.model, 'blocks.1.attn.z', { head: 3 }))])
    expect(before.answer[before.target] - after.answer[after.target]).toBeGreaterThan(0.5)
    expect(await page.textContent('#said')).toMatch(/wrong$/)
    await page.screenshot({ path: `${pictures}/desktop.png` })
    await page.getByRole('button', { name: 'Reset' }).click()
    await settled()
    expect(await requireAgreement()).toEqual(before)
  })

  test('every thing to try, a slider and another sequence agree too', async () => {
    await open('', phone)
    const links = await page.getByRole('navigation').getByRole('link').all()
    const seen: number[] = []
    for (const link of links) {
      await link.click()
      await settled()
      seen.push((await requireAgreement()).loss)
    }
    expect(new Set(seen).size).toBe(5)
    await links[2].click()
    await page.getByRole('slider').press('ArrowRight')
    await page.getByRole('button', { name: 'Another sequence' }).click()
    await settled()
    const { interventions } = await requireAgreement(13)
    expect(interventions).toContainEqual(expect.objectContaining({ kind: 'scale', factor: 5.7 }))
    const address = new URL(page.url()).hash
    const before = await shown()
    await page.close()
    await open(address, phone)
    expect(await shown()).toEqual(before)
  })

  /** A head's small map, row by row, as far as a causal head sees. */
  const weights = (layer: number, index: number) =>
    page.$$eval(`#head-${layer}-${index} .cell`, (cells) =>
      cells.map((cell) => Number((cell as SVGElement).style.getPropertyValue('--weight'))),
    )

  test('a forced pattern is shown', async () => {
    await open('', desktop, 'dark')
    const own = await weights(0, 3)
    await page.getByRole('button', { name: `${head(0, 3)}:` }).click()
    await page.getByRole('radio', { name: 'previous token' }).check()
    await settled()
    const previous = [1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    expect(own).not.toEqual(previous)
    expect(await weights(0, 3)).toEqual(previous)
    expect(await page.$$eval('.large text', (all) => all.filter((one) => one.textContent === '100').length)).toBe(5)
    expect(await page.getByRole('slider').isDisabled()).toBe(true)
    await page.getByRole('button', { name: `${head(1, 0)}:` }).click()
    await page.getByRole('radio', { name: 'induction' }).check()
    await settled()
    expect((await weights(1, 0)).slice(-5)).toEqual([0, 1, 0, 0, 0])
    await requireAgreement()
  })

  test('an address that means nothing says so', async () => {
    await open('#1.9=off', desktop)
    expect(await page.getByRole('alert').textContent()).toMatch(/head “9”: there are 0 to 7/)
    expect((await native(12)).interventions).toEqual([])
  })

  test.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('on a %s nothing is wider than the screen, and every control has a name', async (name, viewport) => {
    await open('#head=1.5&1.0=off&1.1=off&1.2=off&1.3=off&1.4=off&1.6=off&1.7=off&1.5=x4', viewport)
    await page.getByText('The same in code').click()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    const controls = (await page.locator('body').ariaSnapshot()).match(/^\s*- (button|switch|radio|slider|link)\b.*$/gm)
    expect(controls).toHaveLength(2 + 16 + 16 + 5 + 5)
    expect(controls?.filter((line) => !/- \w+ "\S/.test(line))).toEqual([])
    if (name === 'phone') await page.screenshot({ path: `${pictures}/phone.png` })
  })
})
