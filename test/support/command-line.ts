import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { main } from '../../src/cli/program.ts'

/** What a call of the command line left: its exit status and what it wrote. */
export interface Result {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

interface Around {
  /** The built worker; without one everything runs in this thread. */
  readonly worker?: URL
  /** Called whenever stderr is written to. */
  readonly onError?: () => void
}

/** Calls the command line in this process. */
export async function opsin(
  argv: readonly string[],
  signal = new AbortController().signal,
  { worker, onError }: Around = {},
): Promise<Result> {
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text
      if (name === 'stderr') onError?.()
    },
  })
  const io = { stdout: output('stdout'), stderr: output('stderr'), signal, colors: false, ...(worker && { worker }) }
  const status = await main(argv, io)
  return { status, ...written }
}

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder of the test's own, gone after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'opsin-cli-'))
  folders.push(folder)
  return folder
}

/** The files of a folder, as text that is equal where the bytes are. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).sort()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}
