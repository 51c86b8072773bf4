import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OpsinError } from '../../core/errors.ts'
import { withPath } from './files.ts'

const NAME = '.opsin-lock'
/** How long to wait, in ms, for the owner of a new lock to say who it is: it does at once, unless it was killed just then. */
const MOMENT = 2000

/** Who holds a lock. A process's id is used again once it has ended, so its start belongs to it. */
interface Holder {
  readonly pid: number
  readonly host: string
  readonly started: string
}

/**
 * Takes a folder for this process alone, and gives what lets go of it. A lock whose process has ended, killed or not, is
 * no lock any more.
 *
 * @throws OpsinError `IO` at once when another holds it, naming who; or when the folder cannot be written.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = join(folder, NAME)
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder)
  while (!create(path, mine)) {
    const text = readIfThere(path)
    if (text === undefined) continue
    const holder = holderIn(text)
    if (holder !== undefined && isHeldBy(holder)) throw heldError(folder, path, holder)
    if (holder === undefined && isNew(path)) await sleep(20)
    else takeAway(path, text)
  }
  rmSync(asideOf(path), { force: true })
  return () => {
    // Should somebody have removed it and another have taken the folder, that one keeps it.
    if (readIfThere(path) === mine) rmSync(path, { force: true })
  }
}

/** Whether the lock is ours now: of several that try, the system lets one make the file. */
function create(path: string, text: string): boolean {
  return withPath('lockFolder', path, 'a folder that can be written', () => {
    try {
      writeFileSync(path, text, { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  })
}

function readIfThere(path: string): string | undefined {
  return withPath('lockFolder', path, 'a lock that can be read', () => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  })
}

function isNew(path: string): boolean {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < MOMENT
}

function isHeldBy(holder: Holder): boolean {
  // Of another machine's processes nothing is known here.
  if (holder.host !== hostname()) return true
  const started = startOf(holder.pid)
  return isAlive(holder.pid) && (started === '' || started === holder.started)
}

function holderIn(text: string): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text)
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, host, started } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // One that is not ours to ask is alive.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** When a process started, in ticks since the machine did; nothing where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, which may have spaces and brackets in it; the start is the 22nd.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? 'ended' : rest[18]
  } catch {
    return ''
  }
}

/** Removes a lock that nobody holds, and no other: one that was made since is put back. */
function takeAway(path: string, text: string): void {
  const aside = asideOf(path)
  withPath('lockFolder', path, 'a lock that can be removed', () => {
    try {
      renameSync(path, aside)
    } catch (error) {
      // Another was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    const moved = readIfThere(aside)
    if (moved === text) rmSync(aside, { force: true })
    else if (moved !== undefined) renameSync(aside, path)
  })
}

/** Where a lock is moved to be looked at; one that a killed process left there is removed by the next that has the folder. */
function asideOf(path: string): string {
  return `${path}-old`
}

function heldError(folder: string, path: string, { pid, host }: Holder): OpsinError {
  return new OpsinError('IO', {
    where: folder,
    expected: 'a folder that no other run is using',
    got: `one in use by process ${pid} on ${host}`,
    hint: `Wait for it to end, or name another folder (--out). If there is no such process any more, remove ${path}.`,
  })
}
