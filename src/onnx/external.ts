import { TensorProto_DataLocation as Location, type TensorProto } from 'onnx-buf'
import { check, type Rule } from '../core/check.ts'
import { object } from '../core/fields.ts'
import type { ReadModel } from './read/read-model.ts'
import { allGraphs } from './read/subgraphs.ts'

/** The bytes of the files beside an ONNX file, by their names. */
export type ExternalFiles = Readonly<Record<string, Uint8Array>>

export const externalFiles: Rule<ExternalFiles> = {
  expected: 'bytes (Uint8Array) by the names of files',
  fits: (value) => object.fits(value) && Object.values(value as object).every((one) => one instanceof Uint8Array),
}

export function sizesBeside(where: string, files: ExternalFiles): Map<string, number> {
  return new Map(Object.entries(check(where, files, externalFiles)).map(([name, { length }]) => [name, length]))
}

/** Puts the tensors of other files into the model itself; they are known to be inside of their files. */
export function takeIn(model: ReadModel, files: ExternalFiles): void {
  for (const { tensors } of allGraphs(model.graph)) {
    for (const tensor of tensors) if (tensor.dataLocation === Location.EXTERNAL) fill(tensor, files)
  }
}

function fill(tensor: TensorProto, files: ExternalFiles): void {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]))
  const file = files[entries.get('location') as string]
  const offset = Number(entries.get('offset') ?? 0)
  const length = Number(entries.get('length') ?? file.length - offset)
  tensor.rawData = file.subarray(offset, offset + length) as Uint8Array<ArrayBuffer>
  tensor.dataLocation = Location.DEFAULT
  tensor.externalData = []
}
