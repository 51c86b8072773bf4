import { OpsinError } from '../core/errors.ts'

/** The error for a file that is not what it claims to be. */
export function formatError(where: string, expected: string, got: string, hint?: string, cause?: unknown): OpsinError {
  return new OpsinError('FORMAT', {
    where,
    expected,
    got,
    ...(hint && { hint }),
    ...(cause !== undefined && { cause }),
  })
}

/** What a broken file's text looks like in a message: quoted, and cut short. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** Bytes to text; throws FORMAT where they are not UTF-8. */
export function decodeText(where: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw formatError(where, 'UTF-8 text', 'other bytes', undefined, cause)
  }
}

/** The number of elements of a shape read from a file; throws FORMAT unless it is a list of sizes. */
export function requireFileShape(where: string, shape: unknown): { shape: number[]; size: number } {
  const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  const size = isShape ? shape.reduce((product: number, n: number) => product * n, 1) : Number.NaN
  if (!isShape || !Number.isSafeInteger(size)) throw formatError(where, 'a shape of sizes', quote(shape))
  return { shape, size }
}
