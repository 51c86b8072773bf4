import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { internal } from '../../core/errors.ts'
import { type Shape, showShape, sizeOf } from '../../core/shape.ts'
import { bytesOf, type DataType, type TensorMessage, tensorMessage } from './proto.ts'

/** The most numbers that a constant's name spells out. */
const SPELT = 6

/** The constants of a file: each value once, under a name that says it. */
export class Constants {
  readonly #tensors = new Map<string, TensorMessage>()

  /** @throws OpsinError `INTERNAL` for a number of values that does not fill the shape. */
  add(type: DataType, values: ArrayLike<number>, shape: Shape, op: string): string {
    if (values.length !== sizeOf(shape)) {
      throw internal(`op "${op}": onnx`, `${sizeOf(shape)} numbers for ${showShape(shape)}`, String(values.length))
    }
    const bytes = bytesOf(type, values)
    const content =
      values.length <= SPELT ? Array.from(values, spell).join(',') : bytesToHex(sha256(bytes)).slice(0, 32)
    const name = `constant:${type}${showShape(shape).replaceAll(' ', '')}:${content}`
    if (!this.#tensors.has(name)) this.#tensors.set(name, tensorMessage(name, type, shape, bytes))
    return name
  }

  /** Those of these names. */
  pick(used: ReadonlySet<string>): TensorMessage[] {
    return [...this.#tensors].flatMap(([name, tensor]) => (used.has(name) ? [tensor] : []))
  }
}

function spell(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
