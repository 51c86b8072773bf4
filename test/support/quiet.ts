import { afterEach, beforeEach, expect } from 'vitest'

/** A library does not talk: a test during which anything is printed fails. Programs are handed their streams. */
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'assert'] as const
const streams = [process.stdout, process.stderr] as const

let printed: string[] = []
let restore: (() => void)[] = []

beforeEach(() => {
  printed = []
  restore = [
    ...methods.map((name) =>
      replace(console, name, (...what) => {
        if (name !== 'assert' || !what[0]) printed.push(`console.${name}: ${what.map(String).join(' ')}`)
      }),
    ),
    ...streams.map((stream) =>
      replace(stream, 'write', (text) => {
        printed.push(String(text))
        return true
      }),
    ),
  ]
})

afterEach(() => {
  for (const undo of restore) undo()
  expect(printed, 'printed during the test').toEqual([])
})

function replace(owner: object, name: string, by: (...args: unknown[]) => unknown): () => void {
  const original = Reflect.get(owner, name)
  Reflect.set(owner, name, by)
  return () => void Reflect.set(owner, name, original)
}
