import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureFolder, writeAtomic } from '../io/node/files.ts'

/** What is written to see whether anything can be. */
const PROBE = '.opsin-writable'

/**
 * Runs `action` with a folder that is known to be writable. When it fails, a folder that was not there before and has
 * nothing in it goes again.
 *
 * @throws OpsinError `IO` before anything is computed.
 */
export async function withFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const isNew = !existsSync(folder)
  ensureFolder(folder)
  writeAtomic(join(folder, PROBE), '')
  for (const name of readdirSync(folder)) if (name.startsWith(PROBE)) rmSync(join(folder, name), { force: true })
  try {
    return await action()
  } catch (error) {
    if (isNew) removeIfEmpty(folder)
    throw error
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // There is something in it: the run's own files, which stay.
  }
}
