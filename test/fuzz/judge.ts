import { Script } from 'node:vm'
import { OpsinError } from 'opsin'
import type { Call } from './calls/index.ts'
import type { Mutation } from './mutate.ts'

/** The longest that a call on a tiny model may take, in ms. */
const PATIENCE = 2000

/** What is wrong with how a call ended; nothing is what it should be. */
export async function faultOf(
  call: Call,
  args: unknown[],
  mutations: readonly Mutation[],
): Promise<string | undefined> {
  const before = fingerprint(args)
  let result: unknown
  try {
    result = await inTime(stoppable(() => call.run(...args)))
  } catch (error) {
    return changed(before, args) ?? faultOfError(error)
  }
  const silent = mutations.find(({ mustFail, text }) => mustFail && !call.free?.test(text))
  return (
    changed(before, args) ??
    (silent === undefined ? undefined : `accepted in silence at ${silent.text.split(' = ')[0]}`) ??
    (call.carries || allFinite(result) ? undefined : 'a result that is not finite')
  )
}

function changed(before: string, args: unknown[]): string | undefined {
  return before === fingerprint(args) ? undefined : 'what was passed is not what it was'
}

function faultOfError(error: unknown): string | undefined {
  if (!(error instanceof OpsinError)) {
    const frame = error instanceof Error ? error.stack?.split('\n').find((line) => line.includes('/src/')) : undefined
    return `${error}${frame === undefined ? '' : ` ${frame.trim().replace(/\(?\/.*\/src\//, '(src/')}`}`.slice(0, 300)
  }
  const { code, message } = error
  if (code === 'INTERNAL') return `a fault of opsin's own: ${message}`
  const isReadable = message.length < 2000 && !/\[object |undefined|expected [^,]*expected/.test(message)
  return isReadable ? undefined : `a message that nobody can read: ${message.slice(0, 60)}`
}

const script = new Script('globalThis.fuzzed()')

/** Calls a function that is stopped where it does not end: a test's own time limit cannot interrupt a loop. */
function stoppable(call: () => unknown): unknown {
  Object.assign(globalThis, { fuzzed: call })
  return script.runInThisContext({ timeout: PATIENCE })
}

async function inTime(result: unknown): Promise<unknown> {
  if (!(result instanceof Promise)) return result
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${PATIENCE} ms`)), PATIENCE)
  })
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}

/** All that is in a value, as text. */
function fingerprint(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100)) + value.length
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (seen.has(value) || seen.size > 500) return '…'
  seen.add(value)
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value})`
  if (value instanceof Map) return `Map(${fingerprint([...value], seen)})`
  const fields = Object.entries(value).slice(0, 1000)
  return `{${fields.map(([key, field]) => `${key}:${fingerprint(field, seen)}`).join()}}`
}

function allFinite(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null || depth > 6) return true
  if (value instanceof Float32Array || value instanceof Float64Array) return value.every(Number.isFinite)
  return ArrayBuffer.isView(value) || Object.values(value).every((field) => allFinite(field, depth + 1))
}
