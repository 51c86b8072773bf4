import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Longer arrays of numbers are identified by their hash. */
const LONGEST_IN_WORDS = 32

/** A text that is equal for equal values, for the keys of caches: JSON, with the hash of a long array of numbers in its place. */
export function formOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (isLong(part) ? { sha256: hashOf(part) } : part))
}

function isLong(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length > LONGEST_IN_WORDS && value.every((element) => typeof element === 'number')
  )
}

function hashOf(numbers: readonly number[]): string {
  const bytes = new Uint8Array(Float64Array.from(numbers).buffer)
  return bytesToHex(sha256(bytes))
}
