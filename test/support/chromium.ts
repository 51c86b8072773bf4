import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

/** Debian's browser; `.ci/run` installs it. */
const path = '/usr/bin/chromium'

/** Why the browser's tests are left out here, or nothing. In CI they never are: there an absent browser fails them. */
export const noChromium =
  existsSync(path) || process.env.CI === 'true'
    ? undefined
    : `there is no ${path}: apt-get install --no-install-recommends chromium`

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Starts the browser, without a window. */
export function launchChromium() {
  return chromium.launch({ executablePath: path, headless: true, args: [...flags, ...quiet] })
}
