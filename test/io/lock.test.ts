import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from '../../src/io/node/lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opsin-lock-'))
  path = join(folder, '.opsin-lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Takes the folder and lets it go. */
const taken = async () => (await lockFolder(folder))()

/** The lock of a process, as it would have written it. */
const lockOf = (pid: number, started: string, host = hostname()) => JSON.stringify({ pid, host, started })

describe('a locked folder', () => {
  test('is refused at once, by the name of who holds it, until it is let go', async () => {
    const release = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${process.pid} on ${hostname()}`)
    await expect(lockFolder(folder)).rejects.toThrow(expect.objectContaining({ code: 'IO' }))
    release()
    expect(readdirSync(folder)).toEqual([])
    await taken()
  })

  test('of another machine stays locked: nothing is known of its processes', async () => {
    writeFileSync(path, lockOf(2 ** 22 + 1, '', 'elsewhere'))
    await expect(lockFolder(folder)).rejects.toThrow(/on elsewhere.*remove .*\.opsin-lock.*\[IO\]/)
  })

  test('letting go leaves the lock of another alone', async () => {
    const release = await lockFolder(folder)
    const other = lockOf(1, '', 'elsewhere')
    writeFileSync(path, other)
    release()
    expect(readFileSync(path, 'utf8')).toBe(other)
  })

  test('that cannot be written is IO', async () => {
    await expect(lockFolder(join(folder, 'none'))).rejects.toThrow(expect.objectContaining({ code: 'IO' }))
  })
})

describe('a lock is none any more', () => {
  test('once its process was killed', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const ended = new Promise((resolve) => child.on('exit', resolve))
    writeFileSync(path, lockOf(child.pid ?? 0, ''))
    child.kill('SIGKILL')
    await ended
    await taken()
  })

  test.runIf(process.platform === 'linux')('once its process has ended and another has its number', async () => {
    writeFileSync(path, lockOf(process.pid, '12'))
    await taken()
  })

  test.each(['', '{"pid":'])('when its process was killed before it had said who it is: %j', async (text) => {
    writeFileSync(path, text)
    await taken()
    expect(existsSync(path)).toBe(false)
  })

  test('unless it says so a moment later', async () => {
    writeFileSync(path, '')
    const taking = taken()
    writeFileSync(path, lockOf(1, '', 'elsewhere'))
    await expect(taking).rejects.toThrow(/in use by process 1 on elsewhere/)
  })
})
