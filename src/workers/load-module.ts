import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Made } from '../config/from-module.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { readBytes } from '../io/node/files.ts'

type Options = Readonly<Record<string, unknown>>

/**
 * What a module's exported function makes of options.
 *
 * @param what it makes, for errors: `a task`.
 * @param name of the export; the default one unless named.
 * @throws OpsinError `IO` for a file that cannot be read, `FORMAT` for one that is no module or has no such function, `NAME` for
 * an export that does not exist, `VALUE` for a function that throws.
 */
export async function make(path: string, what: string, options: Options, name = 'default'): Promise<Made> {
  const module = createHash('sha256').update(readBytes(path)).digest('hex')
  const made = functionOf(path, what, await exportsOf(path), name)
  try {
    return { module, value: await made(options) }
  } catch (cause) {
    const hint = `It was called with ${JSON.stringify(options)}.`
    throw new OpsinError('VALUE', { where: placeOf(path, name), expected: what, got: String(cause), hint, cause })
  }
}

/** How errors call an export of a module. */
export function placeOf(path: string, name = 'default'): string {
  return name === 'default' ? `${path}: default export` : `${path}: export "${name}"`
}

/** The exports of a module. @throws OpsinError `IO` or `FORMAT`. */
export async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  readBytes(path)
  try {
    return await import(/* @vite-ignore */ pathToFileURL(resolve(path)).href)
  } catch (cause) {
    throw new OpsinError('FORMAT', { where: path, expected: 'a module of JavaScript', got: String(cause), cause })
  }
}

function functionOf(path: string, what: string, exports: Readonly<Record<string, unknown>>, name: string) {
  const names = Object.keys(exports)
  const found = exports[name]
  if (typeof found === 'function') return found as (options: Options) => unknown
  if (name !== 'default' && found === undefined) throw unknownName(path, 'an export of this module', name, names)
  throw new OpsinError('FORMAT', {
    where: path,
    expected: `a function as the ${name === 'default' ? 'default export' : `export "${name}"`}, which makes ${what} of the options`,
    got: found === undefined ? `exports called ${names.join(', ') || 'nothing'}` : typeof found,
  })
}
