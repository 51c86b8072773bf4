import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// `node --import ./test/support/import-map.mjs page.mjs` imports as a browser with the map of docs/guide/browser.md would:
// bare names by the map alone, everything as an ES module, nothing of Node.
if (isMainThread) register(import.meta.url)

const home = new URL('../../', import.meta.url)

/** The map of the page, and where its paths are in this house: the package itself is here, not installed. */
const [, map] = /<script type="importmap">\n(.*?)<\/script>/s.exec(
  readFileSync(new URL('docs/guide/browser.md', home), 'utf8'),
)
const places = Object.entries(JSON.parse(map).imports).map(([name, path]) => [
  name,
  new URL(path.replace(/^\/(node_modules\/opsin\/)?/, ''), home).href,
])
export const imports = Object.fromEntries(places)

export function resolve(specifier, { parentURL }) {
  const relative = /^[./]|^file:/.test(specifier)
  if (!relative && !Object.hasOwn(imports, specifier)) throw new Error(`"${specifier}" is not in the import map`)
  return { url: relative ? new URL(specifier, parentURL).href : imports[specifier], shortCircuit: true }
}

export function load(url) {
  return { format: 'module', source: readFileSync(new URL(url), 'utf8'), shortCircuit: true }
}
