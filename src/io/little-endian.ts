import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'

/** How numbers lie in a file: bytes each, and how to read a run of them. */
export interface NumberFormat {
  readonly bytes: number
  /** A new array; `bytes` holds whole numbers. `where` names the place in an error. */
  read(bytes: Uint8Array, where: string): NumberArray
}

/** A buffer of its own, so that no typed array needs its bytes aligned and no view outlives the file. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length)
  copy.set(bytes)
  return copy.buffer
}

function readInt64(bytes: Uint8Array, where: string): Int32Array {
  const words = new Int32Array(copyOf(bytes))
  const out = new Int32Array(words.length / 2)
  for (let i = 0; i < out.length; i++) {
    const low = words[2 * i]
    if (words[2 * i + 1] !== low >> 31) {
      throw new OpsinError('VALUE', {
        where: `${where}, element ${i}`,
        expected: 'a 64-bit integer that fits in 32 bits',
        got: `${new DataView(words.buffer).getBigInt64(8 * i, true)}`,
        hint: 'opsin holds integers in 32 bits.',
      })
    }
    out[i] = low
  }
  return out
}

/** The number formats that files may hold. Little-endian, like every host of WebAssembly. */
export const numberFormats = {
  f32: { bytes: 4, read: (bytes) => new Float32Array(copyOf(bytes)) },
  f64: { bytes: 8, read: (bytes) => new Float64Array(copyOf(bytes)) },
  i32: { bytes: 4, read: (bytes) => new Int32Array(copyOf(bytes)) },
  i64: { bytes: 8, read: readInt64 },
  u8: { bytes: 1, read: (bytes) => Int32Array.from(bytes) },
} as const satisfies Record<string, NumberFormat>

/** The format in which an array is written. */
export function formatOf(data: NumberArray): 'f32' | 'f64' | 'i32' {
  if (data instanceof Float32Array) return 'f32'
  return data instanceof Float64Array ? 'f64' : 'i32'
}

/** The array's own bytes, not copied. */
export function bytesOf(data: NumberArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
