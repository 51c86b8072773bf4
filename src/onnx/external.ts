import { TensorProto_DataLocation as Location, type TensorProto } from 'onnx-buf'
import { check, type Rule, requireRecord } from '../core/check.ts'
import { object } from '../core/fields.ts'
import type { ReadModel } from './read/read-model.ts'
import { allGraphs } from './read/subgraphs.ts'

/** The bytes of the files beside an ONNX file, by their names. */
export type ExternalFiles = Readonly<Record<string, Uint8Array>>

/** For an option; {@link sizesBeside} looks inside. */
export const externalFiles = object as Rule<ExternalFiles>

const bytes: Rule<Uint8Array> = { expected: 'bytes (Uint8Array)', fits: (value) => value instanceof Uint8Array }

/** How many bytes each file has. @throws OpsinError `VALUE` for a value that is no record of bytes. */
export function sizesBeside(where: string, files: ExternalFiles): Map<string, number> {
  const given = requireRecord(where, files, 'bytes by the names of files')
  return new Map(Object.entries(given).map(([name, file]) => [name, check(`${where}.${name}`, file, bytes).length]))
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
