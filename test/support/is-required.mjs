import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A worker's function that tells how its own file was loaded: whether by `require`. */
export default async () => ({
  result: fileURLToPath(import.meta.url) in createRequire(import.meta.url).cache,
})
