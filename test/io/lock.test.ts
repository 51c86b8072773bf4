import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from '../../src/io/node/lock.ts'
import { opsinError } from './arbitraries.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opsin-lock-'))
  path = join(folder, '.opsin-lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The lock of a process, as it would have written it. */
const lockOf = (pid: number, started: string, host = hostname()) => JSON.stringify({ pid, host, started })

describe('a locked folder', () => {
  test('is refused at once, by the name of who holds it, until it is let go', () => {
    const release = lockFolder(folder)
    const error = opsinError(() => lockFolder(folder))
    expect(error.code).toBe('IO')
    expect(error.message).toContain(`in use by process ${process.pid} on ${hostname()}`)
    release()
    expect(readdirSync(folder)).toEqual([])
    lockFolder(folder)()
  })

  test('of another machine stays locked: nothing is known of its processes', () => {
    writeFileSync(path, lockOf(2 ** 22 + 1, '', 'elsewhere'))
    expect(opsinError(() => lockFolder(folder)).message).toMatch(/on elsewhere.*remove .*\.opsin-lock/)
  })

  test('letting go leaves the lock of another alone', () => {
    const release = lockFolder(folder)
    const other = lockOf(1, '', 'elsewhere')
    writeFileSync(path, other)
    release()
    expect(readFileSync(path, 'utf8')).toBe(other)
  })

  test('that cannot be written is IO', () => {
    expect(opsinError(() => lockFolder(join(folder, 'none'))).code).toBe('IO')
  })
})

describe('a lock is none any more', () => {
  const taken = () => lockFolder(folder)()

  test('once its process was killed', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const ended = new Promise((resolve) => child.on('exit', resolve))
    writeFileSync(path, lockOf(child.pid ?? 0, ''))
    if (process.platform !== 'linux') expect(opsinError(taken).code).toBe('IO')
    child.kill('SIGKILL')
    await ended
    taken()
  })

  test.runIf(process.platform === 'linux')('once its process has ended and another has its number', () => {
    writeFileSync(path, lockOf(process.pid, '12'))
    taken()
  })

  test('when it was cut short, a moment later', () => {
    writeFileSync(path, '{"pid":')
    expect(opsinError(taken).message).toMatch(/just being taken/)
    utimesSync(path, new Date(), new Date(Date.now() - 10_000))
    taken()
    expect(existsSync(path)).toBe(false)
  })
})
