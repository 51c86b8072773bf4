import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { installed } from './installed.ts'
import { serveFolder } from './serve-folder.ts'

/** Where the packages are that a page of an example is built with. Vite comes with vitest. */
const from = createRequire(import.meta.url)
export const builders = {
  'onnxruntime-web': join(process.cwd(), 'node_modules/onnxruntime-web'),
  vite: dirname(createRequire(from.resolve('vitest/package.json')).resolve('vite/package.json')),
}

const made = /\/(node_modules|dist|model\.onnx)$/

/** Builds the page of an example as its own scripts do, against opsin's tarball; it is in the folder `dist`. */
function buildExample(example: string) {
  const home = installed()
  cpSync(example, home.folder, { recursive: true, filter: (path) => !made.test(path) })
  const modules = join(home.folder, 'node_modules')
  for (const [name, folder] of Object.entries(builders)) symlinkSync(folder, join(modules, name))
  mkdirSync(join(modules, '.bin'))
  symlinkSync(join(builders.vite, 'bin/vite.js'), join(modules, '.bin/vite'))
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: home.folder, stdio: 'pipe' })
  return home
}

/** A page of an example, built and opened in Chromium under a content-security policy. */
export interface ExamplePage {
  readonly page: Page
  /** What went wrong in it so far, was printed, or was asked of another place. */
  readonly problems: string[]
  /** Until it shows what was asked of it last. */
  settled(): Promise<unknown>
  /** Changes what stands behind # in its address. */
  goTo(hash: string): Promise<unknown>
  close(): Promise<void>
}

export async function openExample(example: string, policy: string): Promise<ExamplePage> {
  const home = buildExample(example)
  const site = await serveFolder(join(home.folder, 'dist'), { strict: policy })
  const browser = await launchChromium()
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => void problems.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', ({ message }) => void problems.push(message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${site.origin}/strict/`)) problems.push(`asked for ${request.url()}`)
  })
  const settled = () => page.waitForSelector('main[aria-busy="false"]')
  await page.goto(`${site.origin}/strict/index.html`)
  await settled()
  return {
    page,
    problems,
    settled,
    async goTo(hash) {
      await page.evaluate((hash) => {
        document.querySelector('main')?.setAttribute('aria-busy', 'true')
        location.hash = hash
      }, hash)
      return settled()
    },
    async close() {
      await browser.close()
      await site.close()
      home.remove()
    },
  }
}
