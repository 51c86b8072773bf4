import { readdir, stat } from 'node:fs/promises'
import { build } from 'tsup'

/** Before the tests of what is built: builds it, without types, unless dist/ is newer than all of src/. */
export default async function setup(): Promise<void> {
  const built = await modified('dist/index.js').catch(() => 0)
  const sources = (await readdir('src', { recursive: true })).map((file) => `src/${file}`)
  const changed = await Promise.all([...sources, 'tsup.config.ts'].map(modified))
  if (built < Math.max(...changed)) await build({ dts: false, clean: false, silent: true })
}

async function modified(path: string): Promise<number> {
  return (await stat(path)).mtimeMs
}
