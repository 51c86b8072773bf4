// The same program for Node and for a browser: what it gives is compared bit for bit. Only JSON comes back.
import {
  ablate,
  at,
  attentionOnly,
  clamp,
  compile,
  decodeCheckpoint,
  during,
  encodeCheckpoint,
  fewShot,
  interventionsFrom,
  previousToken,
  runWithCache,
  train,
} from 'opsin'
import { readSafetensors, writeSafetensors } from 'opsin/io'

const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
const task = fewShot({ classes: 20 })
const interventions = interventionsFrom(
  JSON.parse(
    JSON.stringify([
      clamp(at(model, 'blocks.0.attn.pattern', { head: 1 }), previousToken(), { when: during(480) }),
      ablate(at(model, 'blocks.1.attn.v', { head: 0 })),
    ]),
  ),
)

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Trains under the clamps and tells every step's loss, what was left, and the checkpoint at the half. */
async function trained(engine, resume) {
  const losses = []
  let half
  const run = await train(model, task, {
    engine,
    interventions,
    sequences: 640,
    evaluations: [{ evaluator: 'train', count: 64 }],
    evaluateAt: 320,
    checkpointEvery: 320,
    ...(resume === undefined ? {} : { resume }),
    observe: ['loss'],
    onStep: ({ values }) => losses.push(values.loss.data[0]),
    onEvent: (event) => {
      if (event.type === 'checkpoint' && event.checkpoint.step === 10) half = encodeCheckpoint(event.checkpoint)
    },
  })
  const { records, receipts } = run
  return { run, half, said: { engine: run.engine, losses, records, receipts } }
}

/** All that an engine's name promises to be the same everywhere. */
export async function proof(engine) {
  const { run, half, said } = await trained(engine)
  const file = writeSafetensors(run.parameters)
  const again = await trained(engine, decodeCheckpoint(half))

  const parameters = readSafetensors(file).tensors
  const inputs = { ...task.tables, ...task.evaluator('train', 16) }
  const { cache } = await runWithCache(model, parameters, inputs, {
    engine,
    cache: ['logits', 'blocks.1.attn.pattern'],
    interventions,
  })
  const session = await compile(model, parameters, { engine, read: ['loss', 'logits'] })
  const sessions = []
  for (const head of [0, 1]) {
    const ablated = { interventions: [ablate(at(model, 'blocks.1.attn.z', { head }))] }
    const { cache, receipts } = await session.run(inputs, ablated)
    sessions.push({ loss: cache.loss.data[0], logits: Array.from(cache.logits.data), receipts })
  }
  return {
    ...said,
    weights: await sha256(file),
    half: await sha256(half),
    resumed: { losses: again.said.losses, weights: await sha256(writeSafetensors(again.run.parameters)) },
    cache: Object.fromEntries(
      Object.entries(cache).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]),
    ),
    sessions,
  }
}
