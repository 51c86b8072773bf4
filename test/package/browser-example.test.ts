import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as opsin from 'opsin'
import { type LoadedModel, load } from 'opsin/models'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noChromium } from '../support/chromium.ts'
import { builders, type ExamplePage, openExample } from '../support/example-page.ts'

const example = 'examples/browser'
/** Pictures, to be looked at. */
const pictures = 'out/examples/browser'
const desktop = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }
const policy = "script-src 'self' 'wasm-unsafe-eval'"
const sequences = 64
const start = 12

let open: ExamplePage
let shipped: LoadedModel

const head = (layer: number, index: number) => `Layer ${layer}, head ${index}`

/** The numbers on the page, in full. */
async function shown() {
  const figures = (selector: string) =>
    open.page.$$eval(`${selector} data`, (all) => all.map((one) => Number((one as HTMLDataElement).value)))
  const [[accuracy], [loss]] = [await figures('#accuracy'), await figures('#loss')]
  return { answer: await figures('#bars'), accuracy, loss }
}

/** The interventions that the page shows as code, made by that code. */
async function interventionsShown(): Promise<opsin.Intervention[]> {
  const { at, ablate, clamp, scale, previousToken, induction } = opsin
  const known = { model: shipped.model, at, ablate, clamp, scale, previousToken, induction }
  const make = new Function(...Object.keys(known), `return ({ ${await open.page.textContent('#code')} }).interventions`)
  return make(...Object.values(known))
}

/** What opsin's own engine says of interventions. */
async function native(interventions: readonly opsin.Intervention[], sequence: number) {
  const { model, parameters, task } = shipped
  const batch = task.evaluator('train', sequences)
  const options = { cache: ['logits', 'loss'], interventions, engine: 'reference' } as const
  const { cache } = await opsin.runWithCache(model, parameters, { ...task.tables, ...batch }, options)
  const data = Array.from(cache.logits.data)
  const rows = Array.from({ length: sequences }, (_, i) => data.slice(5 * i, 5 * (i + 1)))
  const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === batch.targets.data[i])
  const powers = rows[sequence].map(Math.exp)
  const sum = powers.reduce((total, power) => total + power, 0)
  return {
    answer: powers.map((power) => power / sum),
    target: batch.targets.data[sequence],
    accuracy: right.length / sequences,
    loss: cache.loss.data[0],
  }
}

/** Throws unless the page shows what opsin's own engine says of the code that it shows; gives that back. */
async function requireAgreement(sequence = start) {
  const interventions = await interventionsShown()
  const [page, engine] = [await shown(), await native(interventions, sequence)]
  expect(page.answer).toHaveLength(engine.answer.length)
  page.answer.forEach((p, label) => void expect(Math.abs(p - engine.answer[label]), `${label}`).toBeLessThan(1e-5))
  expect(Math.abs(page.loss - engine.loss)).toBeLessThan(1e-5)
  expect(page.accuracy).toBe(engine.accuracy)
  return { ...engine, interventions }
}

/** A head's small map, row by row, as far as a causal head sees. */
const weights = (layer: number, index: number) =>
  open.page.$$eval(`#head-${layer}-${index} .cell`, (cells) =>
    cells.map((cell) => Number((cell as SVGElement).style.getPropertyValue('--weight'))),
  )

test('the page asks for the versions that it is tested with', () => {
  const asked = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  const tested = Object.entries(builders).map(([name, folder]) => [
    name,
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version,
  ])
  expect({ ...asked.dependencies, ...asked.devDependencies }).toMatchObject(Object.fromEntries(tested))
})

const inChromium = describe.skipIf(noChromium)

beforeAll(async () => {
  if (noChromium) return
  shipped = await load('induction-2l8h')
  open = await openExample(example, policy)
}, 120_000)

afterAll(() => open?.close())

afterEach(() => expect(open?.problems ?? []).toEqual([]))

/** Everything as it was, but for the sequence that is shown. */
async function undo() {
  await open.page.setViewportSize(desktop)
  await open.page.getByRole('button', { name: 'Reset' }).click()
  await open.settled()
}

inChromium(`examples/browser in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  beforeEach(undo)

  test('a head switched off changes the answer as the native engine says', async () => {
    const before = await requireAgreement()
    expect(before.interventions).toEqual([])
    await open.page.getByRole('switch', { name: head(1, 3), exact: true }).click()
    await open.settled()
    const after = await requireAgreement()
    expect(after.interventions).toEqual([opsin.ablate(opsin.at(shipped.model, 'blocks.1.attn.z', { head: 3 }))])
    expect(before.answer[before.target] - after.answer[after.target]).toBeGreaterThan(0.5)
    expect(await open.page.textContent('#said')).toMatch(/wrong$/)
    await open.page.locator('body').screenshot({ path: `${pictures}/desktop.png` })
  })

  test('all of that under a strict policy', async () => {
    const { headers } = await fetch(open.page.url())
    expect(headers.get('content-security-policy')).toBe(policy)
  })

  test('a forced pattern is shown', async () => {
    const previous = [1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    expect(await weights(0, 3)).not.toEqual(previous)
    await open.page.getByRole('button', { name: `${head(0, 3)}:` }).click()
    await open.page.getByRole('radio', { name: 'previous token' }).check()
    await open.settled()
    expect(await weights(0, 3)).toEqual(previous)
    expect(await open.page.$$eval('.large text', (all) => all.filter((one) => one.textContent === '100').length)).toBe(
      5,
    )
    expect(await open.page.getByRole('slider').isDisabled()).toBe(true)
    await open.page.getByRole('button', { name: `${head(1, 0)}:` }).click()
    await open.page.getByRole('radio', { name: 'induction' }).check()
    await open.settled()
    expect((await weights(1, 0)).slice(-5)).toEqual([0, 1, 0, 0, 0])
    await requireAgreement()
  })

  test('what there is to try agrees, and comes to what the README says', async () => {
    const found: string[][] = []
    for (const link of await open.page.getByRole('navigation').getByRole('link').all()) {
      await link.click()
      await open.settled()
      const { accuracy } = await requireAgreement()
      found.push([(await link.textContent()) ?? '', `${Math.round(100 * accuracy)} %`])
    }
    const page = readFileSync(join(example, 'README.md'), 'utf8')
    expect(found).toEqual(
      [...page.matchAll(/^\| (\w.*?) \| (\d+ %) \| [^|\s]/gm)].map(([, name, accuracy]) => [name, accuracy]),
    )
    expect(found).toHaveLength(5)
  })
})

inChromium('its controls and its address', () => {
  beforeEach(undo)

  test('a slider sharpens, and an address leads to the same view', async () => {
    await open.goTo('#head=1.5&1.5=off,x4')
    await open.page.getByRole('slider').press('ArrowRight')
    await open.page.getByRole('button', { name: 'Another sequence' }).click()
    await open.settled()
    const { interventions } = await requireAgreement(start + 1)
    expect(interventions[0]).toMatchObject({ kind: 'scale', factor: 5.7 })
    const [address, view] = [new URL(open.page.url()).hash, await shown()]
    await open.goTo(`#sequence=${start}`)
    expect(await shown()).not.toEqual(view)
    await open.goTo(address)
    expect(await shown()).toEqual(view)
    await open.goTo(`#sequence=${start}`)
  })

  test('an address that means nothing says so', async () => {
    await open.goTo('#1.9=off')
    expect(await open.page.getByRole('alert').textContent()).toMatch(/head “9”: there are 0 to 7/)
    expect((await requireAgreement()).interventions).toEqual([])
    await undo()
    expect(await open.page.locator('#failure').isVisible()).toBe(false)
  })

  test.each([
    ['phone', phone],
    ['desktop', desktop],
  ])('on a %s nothing is wider than the screen, and every control has a name', async (name, viewport) => {
    const { page } = open
    await page.setViewportSize(viewport)
    await open.goTo('#head=1.5&1.0=off&1.1=off&1.2=off&1.3=off&1.4=off&1.6=off&1.7=off&1.5=x4')
    await page.locator('body').screenshot({ path: `${pictures}/${name}-one-head.png` })
    await page.getByText('The same in code').click()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
    const controls = (await page.locator('body').ariaSnapshot()).match(
      /^\s*- '?(button|switch|radio|slider|link)\b.*$/gm,
    )
    expect(controls).toHaveLength(2 + 16 + 17 + 3 + 1 + 5)
    expect(controls?.filter((line) => !/- '?\w+ "\S/.test(line))).toEqual([])
    await page.getByText('The same in code').click()
  })
})
