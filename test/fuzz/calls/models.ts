import * as opsin from 'opsin'
import { attentionOnly, initialize, preNorm, tensor, withObjective } from 'opsin'
import type { Call } from './call.ts'
import { copies, inputs, interventions, model, parameters } from './tiny.ts'

export const models: Call[] = [
  {
    name: 'preNorm',
    args: () => [
      {
        layers: 1,
        heads: 2,
        dModel: 4,
        dHead: 2,
        mlpRatio: 2,
        positions: 'learned',
        rotaryBase: 100,
        maxLength: 8,
        norm: 'rmsnorm',
        eps: 1e-5,
        causal: true,
        inputs: { kind: 'exemplars', features: 3, labels: 3 },
        readout: 'all',
      },
    ],
    run: preNorm,
    share: 3,
  },
  {
    name: 'attentionOnly',
    args: () => [{ layers: 1, heads: 2, dModel: 4, inputs: { kind: 'tokens', vocab: 3 } }],
    run: attentionOnly,
  },
  { name: 'model.sizes', args: () => [inputs()], run: withObjective(model).sizes },
  { name: 'model.graph', args: () => [{ batch: 2, pairs: 2, rows: 12 }], run: model.graph, free: /./ },
  { name: 'model.positions', args: () => [{ batch: 2, pairs: 2, rows: 12 }], run: model.positions, free: /./ },
  { name: 'initialize', args: () => [model, 5, 'f32'], run: initialize },
  { name: 'tensor', args: () => [[2, 1], new Float32Array(2), ['pos', 'head']], run: tensor, carries: true },
  {
    name: 'runWithCache',
    args: () => [
      model,
      copies(parameters),
      inputs(),
      { cache: ['logits', 'grad(blocks.0.attn.z)'], interventions: interventions(), engine: 'reference' },
    ],
    run: opsin.runWithCache,
    share: 4,
  },
  {
    name: 'compile',
    args: () => [
      model,
      copies(parameters),
      { read: ['logits', 'grad(embed)'], gradientOf: 'loss', engine: 'reference' },
    ],
    run: async (...args: any[]) => (await opsin.compile(...(args as Parameters<typeof opsin.compile>))).engine,
  },
  {
    name: 'session.run',
    args: () => [inputs(), { interventions: interventions() }],
    run: async (...args: any[]) => {
      const session = await opsin.compile(model, parameters, { read: ['logits'], engine: 'reference' })
      return session.run(...(args as Parameters<typeof session.run>))
    },
    share: 2,
  },
]
