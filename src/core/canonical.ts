import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { OpsinError } from './errors.ts'
import { show } from './show.ts'

/** No document of ours is nested deeper; a cyclic value exceeds it. */
const DEEPEST = 100

/**
 * JSON with sorted keys and no spaces: equal values give equal text. `undefined` fields are left out.
 *
 * @throws OpsinError `VALUE` for what JSON has no words for: functions, symbols, BigInts, and what holds itself.
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0)
}

function textOf(value: unknown, depth: number): string {
  if (depth > DEEPEST) throw noJson(`values nested at most ${DEEPEST} deep`, 'more')
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, depth + 1)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${JSON.stringify(key)}:${textOf(field, depth + 1)}`)
    return `{${entries.join(',')}}`
  }
  if (['function', 'symbol', 'bigint'].includes(typeof value)) throw noJson('what JSON can say', show(value))
  return JSON.stringify(value) ?? 'null'
}

function noJson(expected: string, got: string): OpsinError {
  return new OpsinError('VALUE', { where: 'JSON', expected, got })
}

/** SHA-256 of the canonical JSON, as 64 hex digits: the same on every platform and in every version of opsin. */
export function stableHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))))
}
