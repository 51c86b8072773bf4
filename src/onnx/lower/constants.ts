import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { internal } from '../../core/errors.ts'
import { type Shape, showShape, sizeOf } from '../../core/shape.ts'
import { bytesOf, type DataType, type TensorMessage, tensorMessage } from './proto.ts'

/** The most numbers that a constant's name spells out. */
const SPELT = 6

/** Numbers that an op holds. */
export interface Constant {
  readonly type: DataType
  readonly values: ArrayLike<number>
  readonly shape: Shape
}

/** The constants of a file: each value once, under a name that says it. */
export class Constants {
  readonly #values = new Map<string, Constant>()

  /** @throws OpsinError `INTERNAL` for a number of values that does not fill the shape. */
  add(type: DataType, values: ArrayLike<number>, shape: Shape, op: string): string {
    if (values.length !== sizeOf(shape)) {
      throw internal(`op "${op}": onnx`, `${sizeOf(shape)} numbers for ${showShape(shape)}`, String(values.length))
    }
    const content = values.length <= SPELT ? Array.from(values, spell).join(',') : digest(bytesOf(type, values))
    const name = `constant:${type}${showShape(shape).replaceAll(' ', '')}:${content}`
    if (!this.#values.has(name)) this.#values.set(name, { type, values, shape })
    return name
  }

  all(): ReadonlyMap<string, Constant> {
    return this.#values
  }
}

export function constantMessage(name: string, { type, values, shape }: Constant): TensorMessage {
  return tensorMessage(name, type, shape, bytesOf(type, values))
}

function digest(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes)).slice(0, 32)
}

function spell(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
