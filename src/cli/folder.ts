import { existsSync, rmdirSync } from 'node:fs'
import { ensureFolder } from '../io/node/files.ts'
import { lockFolder } from '../io/node/lock.ts'

/**
 * Runs `action` with a folder that can be written and that no other process uses meanwhile. When it fails, a folder that
 * was not there before and has nothing in it goes again.
 *
 * @throws OpsinError `IO` before anything is computed.
 */
export async function withFolder<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const isNew = !existsSync(folder)
  ensureFolder(folder)
  try {
    const release = await lockFolder(folder)
    try {
      return await action()
    } finally {
      release()
    }
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
