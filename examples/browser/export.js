// Writes the shipped model as an ONNX file in which each head can be clamped: `node export.js`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { load } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'

const { model, parameters, task } = await load('induction-2l8h')
const blocks = Array.from({ length: model.config.layers }, (_, layer) => `blocks.${layer}.attn`)
const { bytes } = exportOnnx(model, parameters, {
  inputs: { ...task.trainingTables, ...task.batch(0, 64) },
  hooks: blocks.map((block) => `${block}.pattern`),
  gates: blocks.flatMap((block) => [`${block}.scores`, `${block}.pattern`, `${block}.z`]),
  task,
})
const folder = new URL('public/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('model.onnx', folder), bytes)
