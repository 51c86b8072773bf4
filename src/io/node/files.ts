import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { threadId } from 'node:worker_threads'
import { OpsinError } from '../../core/errors.ts'
import { decodeText } from '../format-error.ts'

const hints: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path; a folder on it may be missing (ensureFolder makes it).',
  EACCES: 'Check the permissions of the file and its folder.',
  EPERM: 'Check the permissions of the file and its folder.',
  EROFS: 'The file system is read-only: choose another folder.',
  EISDIR: 'This is a folder: name a file in it.',
  ENOTDIR: 'A part of the path is a file, not a folder.',
  EEXIST: 'A file of this name is in the way.',
  ENOSPC: 'The disk is full: free some space.',
  EMFILE: 'Too many files are open: close some, or raise the limit (ulimit -n).',
}

/** Runs `action`; an error of the file system becomes an OpsinError that names the path and says what to do. */
export function withPath<T>(what: string, path: string, expected: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (cause instanceof OpsinError) throw cause
    const code = String((cause as NodeJS.ErrnoException).code ?? cause)
    const hint = hints[code] ?? 'See the cause of this error.'
    throw new OpsinError('IO', { where: `${what}(${JSON.stringify(path)})`, expected, got: code, hint, cause })
  }
}

/** The most bytes that Node reads at once. */
const LARGEST = 2 ** 31 - 1
/** The most bytes of a text: far above any document of ours, far below what a string holds. */
const LARGEST_TEXT = 2 ** 26

/**
 * The whole file.
 *
 * @throws OpsinError `IO` when it cannot be read, is larger than 2 GiB, or no file at all: a folder, or a device or pipe,
 *   which may have no end.
 * @example
 * import { readBytes, writeAtomic } from 'opsin/node'
 * import { tmpdir } from 'node:os'
 * writeAtomic(`${tmpdir()}/opsin-read-example.txt`, 'clamp')
 * if (readBytes(`${tmpdir()}/opsin-read-example.txt`).length !== 5) throw new Error('lost')
 */
export function readBytes(path: string): Uint8Array {
  return readFile(path, LARGEST)
}

/**
 * A text file, without the mark at its start that some editors leave.
 *
 * @throws OpsinError `IO` when it cannot be read or is no text of at most 64 MiB; `FORMAT` when it is not UTF-8.
 */
export function readText(path: string): string {
  return decodeText(path, readFile(path, LARGEST_TEXT)).replace(/^\uFEFF/, '')
}

function readFile(path: string, largest: number): Uint8Array {
  return withPath('readBytes', path, 'a file that can be read', () => {
    const stat = statSync(path)
    if (!stat.isFile() && !stat.isDirectory()) throw notRead(path, 'a file', 'a device, pipe or socket')
    if (stat.size > largest) throw notRead(path, `a file of at most ${largest} bytes`, `${stat.size}`)
    return readFileSync(path)
  })
}

function notRead(path: string, expected: string, got: string): OpsinError {
  return new OpsinError('IO', { where: `readBytes(${JSON.stringify(path)})`, expected, got })
}

let written = 0

function writeAll(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    let done = 0
    while (done < bytes.length) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Writes a file whole or not at all: a reader, or a crash at any moment, sees the old file or the new one. The bytes go
 * to a temporary file in the same folder, to the disk, and then to their name; after an error nothing is left behind.
 *
 * @throws OpsinError `IO` when it cannot be written; the old file, if any, is as it was.
 * @example
 * import { writeAtomic } from 'opsin/node'
 * import { tmpdir } from 'node:os'
 * writeAtomic(`${tmpdir()}/opsin-write-example.json`, JSON.stringify({ seed: 5 }))
 */
export function writeAtomic(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const temporary = `${path}.${process.pid}-${threadId}-${written++}.tmp`
  withPath('writeAtomic', path, 'a file that can be written', () => {
    try {
      writeAll(temporary, bytes)
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  })
}

/**
 * Adds one line to the end of a file, which is made if it is missing: a log that survives a crash up to its last line.
 *
 * @throws OpsinError `VALUE` when the text is more than one line; `IO` when it cannot be written.
 * @example
 * import { appendLine } from 'opsin/node'
 * import { tmpdir } from 'node:os'
 * appendLine(`${tmpdir()}/opsin-append-example.jsonl`, JSON.stringify({ step: 0, loss: 1.61 }))
 */
export function appendLine(path: string, line: string): void {
  if (line.includes('\n')) {
    throw new OpsinError('VALUE', {
      where: `appendLine(${JSON.stringify(path)})`,
      expected: 'one line',
      got: 'a line break',
    })
  }
  withPath('appendLine', path, 'a file that can be added to', () => appendFileSync(path, `${line}\n`))
}

/**
 * Makes a folder, with those above it, unless it is there already.
 *
 * @throws OpsinError `IO` when it cannot be made.
 * @example
 * import { ensureFolder } from 'opsin/node'
 * import { tmpdir } from 'node:os'
 * ensureFolder(`${tmpdir()}/opsin-folder-example/run-1`)
 */
export function ensureFolder(path: string): void {
  // To the system an empty path is the folder we are in, which nobody means.
  if (path === '') throw new OpsinError('IO', { where: 'ensureFolder', expected: 'the path of a folder', got: '""' })
  withPath('ensureFolder', path, 'a folder that can be made', () => makeFolder(resolve(path)))
}

/** Parents first, one at a time: Node's own recursive form never returns for a folder that cannot be, as in `/proc`. */
function makeFolder(path: string): void {
  const isFolder = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder()) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder()) throw error
  }
}
