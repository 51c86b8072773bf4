import { basename, extname } from 'node:path'
import { OpsinError } from '../../core/errors.ts'
import { readNpy } from '../npy.ts'
import { readSafetensors, type TensorFile } from '../safetensors.ts'
import { readBytes } from './files.ts'

const readers: Readonly<Record<string, (bytes: Uint8Array, path: string) => TensorFile>> = {
  '.safetensors': readSafetensors,
  '.npy': (bytes, path) => ({ tensors: { [basename(path, extname(path))]: readNpy(bytes, path) }, metadata: {} }),
}

/**
 * Reads the tensors of a file, in the format that its extension names: `.safetensors`, or `.npy`, whose one tensor is
 * called after the file (`weights/q.npy` gives `tensors.q`).
 *
 * @throws OpsinError `FORMAT` when the extension is another, or the file not what it claims to be; `IO` when it cannot be
 *   read; `VALUE` when a 64-bit integer does not fit in 32 bits.
 * @example
 * import { tensor } from 'opsin'
 * import { writeNpy } from 'opsin/io'
 * import { readTensorFile, writeAtomic } from 'opsin/node'
 * import { tmpdir } from 'node:os'
 * writeAtomic(`${tmpdir()}/opsin-example.npy`, writeNpy(tensor([2], new Float32Array([1, 2]))))
 * const { tensors } = readTensorFile(`${tmpdir()}/opsin-example.npy`)
 * if (tensors['opsin-example'].data[1] !== 2) throw new Error('lost')
 */
export function readTensorFile(path: string): TensorFile {
  const extension = extname(path).toLowerCase()
  if (!Object.hasOwn(readers, extension)) {
    throw new OpsinError('FORMAT', {
      where: `readTensorFile(${JSON.stringify(path)})`,
      expected: `a file name that ends in ${Object.keys(readers).join(' or ')}`,
      got: extension === '' ? 'no extension' : JSON.stringify(extension),
    })
  }
  return readers[extension](readBytes(path), path)
}
