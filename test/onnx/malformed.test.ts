import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { type GraphProtoSchema, ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf'
import { OpsinError } from 'opsin'
import { exportOnnx, inspectOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { describe, expect, it, test } from 'vitest'
import { philox } from '../../src/core/rng.ts'
import { inputsOf, tinyModel, weightsOf } from '../support/models.ts'

const model = tinyModel()
const inputs = inputsOf(model)
const { bytes } = exportOnnx(model, weightsOf(model), { inputs, gates: ['blocks.1.attn.z'] })

/** What a file comes to: read, or one typed error. */
async function verdict(file: Uint8Array, opened: boolean): Promise<string> {
  try {
    if (!opened) return `read ${inspectOnnx(file).inputs.length}`
    const session = await load(file)
    try {
      await session.run(inputs)
      return 'ran'
    } finally {
      await session.close()
    }
  } catch (error) {
    if (error instanceof OpsinError && error.code !== 'INTERNAL') return error.code
    throw new Error('not an error of ours', { cause: error })
  }
}

describe('a damaged file', () => {
  it('that was cut short is an error wherever it was cut', () => {
    for (let end = 0; end < bytes.length - 1; end += 97) {
      expect(() => inspectOnnx(bytes.subarray(0, end)), `${end} bytes`).toThrow('[FORMAT]')
    }
  })

  it('with bits turned over is read, or is one typed error', async () => {
    const random = philox(11, 0)
    const verdicts = new Set<string>()
    for (let turn = 0; turn < 600; turn++) {
      const file = bytes.slice()
      for (let i = 0; i <= turn % 3; i++)
        file[random.below(file.length, turn, i, 0)] ^= 1 << random.below(8, turn, i, 1)
      verdicts.add(await verdict(file, turn % 10 === 0))
    }
    expect(verdicts).toContain('FORMAT')
  })
})

type GraphInit = MessageInitShape<typeof GraphProtoSchema>

/** The file with something else in its graph. */
function changed(change: (graph: any) => void): Uint8Array {
  const file = fromBinary(ModelProtoSchema, bytes)
  change(file.graph)
  return toBinary(ModelProtoSchema, file)
}

const external = (location: string, more: Record<string, string> = {}) =>
  changed(({ initializer: [tensor] }) => {
    tensor.rawData = new Uint8Array()
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL
    const entries = Object.entries({ location, ...more })
    tensor.externalData = entries.map(([key, value]) => ({ $typeName: 'onnx.StringStringEntryProto', key, value }))
  })

/** A graph inside of a graph, and so on. */
function nested(depth: number): GraphInit {
  const attribute = depth === 0 ? [] : [{ name: 'then_branch', type: 5, g: nested(depth - 1) }]
  return { name: `g${depth}`, node: [{ opType: 'If', input: [], output: ['y'], attribute }], output: [{ name: 'y' }] }
}

const deep = toBinary(
  ModelProtoSchema,
  create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: 17n }], graph: nested(40) }),
)

const hostile: Readonly<Record<string, readonly [Uint8Array, string]>> = {
  'empty bytes': [new Uint8Array(), 'got 0'],
  'a text': [new TextEncoder().encode('{"not": "onnx"}'), 'an ONNX file'],
  'a path upwards': [external('../../etc/passwd'), 'data in a file of the same folder, got "../../etc/passwd"'],
  'an absolute path': [external('/etc/passwd'), 'A file must not read what lies elsewhere.'],
  'a path of Windows': [external('C:\\secret'), 'data in a file of the same folder'],
  'a folder': [external('..'), 'data in a file of the same folder'],
  'no file': [external(''), 'data in a file of the same folder'],
  'a file that nobody gave': [external('weights.bin'), 'the file that holds its data, got no "weights.bin"'],
  'sizes below zero': [changed((g) => (g.initializer[0].dims = [-1n])), 'sizes of 0 or more'],
  'sizes beyond memory': [changed((g) => (g.initializer[0].dims = [2n ** 62n])), 'sizes of 0 or more, and of memory'],
  'fewer bytes than the shape says': [changed((g) => (g.initializer[0].rawData = new Uint8Array(3))), 'bytes for'],
  'a value twice': [changed((g) => g.node.push(g.node[0])), 'a name of its own for every value'],
  'a value that is not there': [changed((g) => (g.node[3].input[0] = 'gone')), 'values that are computed before'],
  'an output that is not there': [changed((g) => (g.output[0].name = 'gone')), 'outputs that are computed, got "gone"'],
  'graphs without end': [deep, 'maximum recursion depth'],
}

test.each(Object.entries(hostile))('%s', async (_, [file, words]) => {
  expect(() => inspectOnnx(file)).toThrow(words)
  expect(() => inspectOnnx(file)).toThrow('[FORMAT]')
  await expect(load(file)).rejects.toThrow(words)
})

it('data beyond the end of a file that was given', () => {
  const file = external('weights.bin', { offset: '64', length: '1000' })
  const externalData = { 'weights.bin': new Uint8Array(100) }
  expect(() => inspectOnnx(file, { externalData })).toThrow(
    'bytes inside the 100 of "weights.bin", got 1000 from 64 on',
  )
})
