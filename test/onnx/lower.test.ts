import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, it } from 'vitest'
import { version } from '../../src/core/version.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import { encodeModel, type LowerOptions, lowerGraph } from '../../src/onnx/lower/index.ts'

/** y = softmax(x w · 2) · 2, with a node that nobody reads. */
function small() {
  const builder = new GraphBuilder()
  const x = builder.input('x', [4, 3])
  const w = builder.input('w', [3, 2], 'parameter')
  const two = () => builder.op('constant', [], { shape: [1, 1], value: 2 })
  const product = builder.op('multiply', [builder.op('linear', [x, w]), two()])
  builder.point('blocks.0.attn.q', builder.op('softmax', [product]))
  const y = builder.point('y', builder.op('multiply', [builder.pointId('blocks.0.attn.q'), two()]))
  builder.point('dead', builder.op('relu', [y]))
  return builder.build()
}

function read(options: Partial<LowerOptions> = {}) {
  const graph = small()
  const { bytes } = encodeModel(lowerGraph(graph, { outputs: { y: graph.points.y }, ...options }), {
    metadata: { a: 'b' },
  })
  const model = fromBinary(ModelProtoSchema, bytes)
  return { model, file: model.graph as NonNullable<typeof model.graph> }
}

describe('a graph as ONNX', () => {
  it('is of opset 17 and IR version 8, and says who made it', () => {
    const { model } = read()
    expect(model.irVersion).toBe(8n)
    expect(model.opsetImport.map((one) => [one.domain, one.version])).toEqual([['', 17n]])
    expect([model.producerName, model.producerVersion]).toEqual(['opsin', version])
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['a', 'b']])
  })

  it('names values by their points, and writes none that nobody reads', () => {
    const { file } = read()
    const names = file.node.flatMap(({ output }) => output)
    expect(names).toContain('blocks.0.attn.q')
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => name.startsWith('dead'))).toEqual([])
    expect(file.output.map(({ name }) => name)).toEqual(['y'])
  })

  it('holds equal constants once, and the numbers of inputs where it is told them', () => {
    const { file } = read({ initializers: { w: [1, 2, 3, 4, 5, 6] } })
    expect(file.input.map(({ name }) => name)).toEqual(['x'])
    const held = new Map(file.initializer.map(({ name, rawData }) => [name, new Float32Array(rawData.slice().buffer)]))
    expect([...(held.get('w') as Float32Array)]).toEqual([1, 2, 3, 4, 5, 6])
    expect([...held.keys()].filter((name) => name.includes('float'))).toEqual(['constant:float[]:2'])
  })

  it('declares axes by name', () => {
    const { file } = read({ declare: ({ shape }) => ({ dims: ['batch', ...shape.slice(1)] }) })
    const type = file.output[0].type?.value
    const dims = type?.case === 'tensorType' ? type.value.shape?.dim : undefined
    expect(dims?.map(({ value }) => value.value)).toEqual(['batch', 2n])
  })

  it('gives an output that is an input, or another output, a name of its own', () => {
    const { points } = small()
    const { file } = read({ outputs: { first: points.y, second: points.y, third: 0 } })
    const copies = file.node
      .filter(({ opType }) => opType === 'Identity')
      .map(({ input, output }) => [...input, ...output])
    expect(copies).toEqual([
      ['first', 'second'],
      ['x', 'third'],
    ])
  })

  it('refuses an output with the name of an input, and numbers that do not fill theirs', () => {
    const { points } = small()
    expect(() => read({ outputs: { x: points.y } })).toThrow('"x", which another value has. [NAME]')
    expect(() => read({ initializers: { w: [1] } })).toThrow('expected 6 numbers for [3, 2], got 1. [SHAPE]')
  })
})
