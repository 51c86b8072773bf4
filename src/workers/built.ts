import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** A file of dist/, by the package's own name, since a bundler may have put this code into any file there. */
export function built(file: string): URL {
  const manifest = createRequire(import.meta.url).resolve('opsin/package.json')
  return new URL(`dist/${file}`, pathToFileURL(manifest))
}
