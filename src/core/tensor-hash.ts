import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, stableHash } from './canonical.ts'
import type { Tensor } from './tensor.ts'

/** SHA-256 of named tensors, in whatever order they come. */
export function tensorsHash(tensors: Readonly<Record<string, Tensor>>): string {
  return stableHash(Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, tensorHash(value)])))
}

/** SHA-256 of a tensor's number type, shape and bytes, as 64 hex digits. */
export function tensorHash({ shape, data }: Tensor): string {
  const kind = data instanceof Float32Array ? 'f32' : data instanceof Float64Array ? 'f64' : 'i32'
  return bytesToHex(
    sha256
      .create()
      .update(utf8ToBytes(canonicalJson({ kind, shape })))
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      .digest(),
  )
}
