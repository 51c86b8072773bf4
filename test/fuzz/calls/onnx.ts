import { ablate, at, crossEntropy } from 'opsin'
import { exportOnnx, inspectOnnx } from 'opsin/onnx'
import { load, onnxEngine } from 'opsin/runtime'
import type { Call } from './call.ts'
import { copies, inputs, interventions, model, parameters } from './tiny.ts'

const exportOptions = () => ({
  hooks: ['blocks.0.attn.q', 'loss'],
  gates: ['blocks.1.attn.z'],
  interventions: interventions().slice(0, 2),
  objective: crossEntropy(),
  inputs: inputs(),
  free: ['batch'],
  hold: ['rows'],
  task: { name: 'mine', config: { seed: 1 } },
  externalAbove: 100,
  externalName: 'w.data',
})

const { bytes } = exportOnnx(model, parameters, { inputs: inputs(), gates: ['blocks.1.attn.z'] })
const session = await load(bytes)

/** Opens a file and shuts it. */
async function opened(...args: Parameters<typeof load>): Promise<string> {
  const one = await load(...args)
  await one.close()
  return one.engine
}

export const onnx: Call[] = [
  {
    name: 'exportOnnx',
    args: () => [model, copies(parameters), exportOptions()],
    run: exportOnnx as Call['run'],
    // It is only written down.
    free: /task/,
  },
  { name: 'inspectOnnx', args: () => [bytes.slice(), { externalData: {} }], run: inspectOnnx, carries: true },
  {
    name: 'load',
    args: () => [
      bytes.slice(),
      { runtime: 'node', executionProviders: ['cpu'], threads: 1, hooks: ['blocks.0.attn.q'] },
    ],
    run: opened as Call['run'],
    carries: true,
  },
  {
    name: 'onnxEngine',
    args: () => [{ runtime: 'node', threads: 1 }],
    run: async (...args: any[]) => (await onnxEngine(...(args as Parameters<typeof onnxEngine>))).name,
  },
  {
    name: 'OnnxSession.run',
    args: () => [inputs(), { interventions: [ablate(at(model, 'blocks.1.attn.z', { head: 0 }))] }],
    run: session.run as Call['run'],
  },
]
