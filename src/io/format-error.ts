import { check, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { isShape, sizeOf } from '../core/shape.ts'
import { show } from '../core/show.ts'

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

/** The contents of a broken file, for a message. */
export const quote = show

/** Throws OpsinError `DTYPE` or `VALUE` unless there are bytes, and a name for them in errors. */
export function requireBytes(where: string, bytes: Uint8Array, source: string): void {
  check(`${where}: source`, source, text)
  check(where, bytes, { expected: 'a Uint8Array', code: 'DTYPE', fits: (value) => value instanceof Uint8Array })
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
  if (!isShape(shape)) throw formatError(where, 'a shape of sizes', quote(shape))
  return { shape: [...shape], size: sizeOf(shape) }
}
