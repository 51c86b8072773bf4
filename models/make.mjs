// `npm run models`: trains `induction-2l8h` again as its train.json says and writes what stands beside that file: final
// weights, the same as an ONNX file, checkpoints through the phase change, and the training curve as numbers (curve.json) and as a
// drawing (curve.svg).
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  accuracyProbe,
  attentionOnly,
  checkpointParameters,
  crossEntropyProbe,
  fewShot,
  inductionStrength,
  optimizerFrom,
  train,
} from 'opsin'
import { lossCurves, renderSvg } from 'opsin/figures'
import { writeSafetensors } from 'opsin/io'
import { exportOnnx } from 'opsin/onnx'

/** Sequences seen at each checkpoint, closest together where induction forms, before the end. */
const moments = [
  50_000, 100_000, 150_000, 180_000, 200_000, 220_000, 240_000, 270_000, 300_000, 350_000, 400_000, 500_000,
]
/** What can be read and written where the ONNX file runs: in both layers, all that a head decides. */
const gates = [0, 1].flatMap((layer) => ['scores', 'pattern', 'z'].map((point) => `blocks.${layer}.attn.${point}`))
/** Sequences from one point of the curve to the next. */
const every = 10_000

const folder = new URL('induction-2l8h/', import.meta.url)
const fileOf = (sequences) => `checkpoints/${sequences}.safetensors`
const write = (name, content) => writeFileSync(new URL(name, folder), content)

const {
  model: sizes,
  task: taskOptions,
  optimizer,
  ...options
} = JSON.parse(readFileSync(new URL('train.json', folder), 'utf8'))
const { name: _, ...fewShotOptions } = taskOptions
const model = attentionOnly(sizes)
const task = fewShot(fewShotOptions)

rmSync(new URL('checkpoints', folder), { recursive: true, force: true })
mkdirSync(new URL('checkpoints', folder))
const hashes = new Map()
const run = await train(model, task, {
  ...options,
  optimizer: optimizerFrom(optimizer),
  probes: [crossEntropyProbe(), accuracyProbe(), inductionStrength({ layer: 1 })],
  evaluations: [{ evaluator: 'train' }],
  evaluateAt: every,
  checkpointEvery: every,
  onEvent(event) {
    if (event.type !== 'checkpoint') return
    const { checkpoint } = event
    const sequences = checkpoint.step * options.batch
    const nearest = Math.round(sequences / every) * every
    if (!moments.includes(nearest)) return
    const bytes = writeSafetensors(checkpointParameters(checkpoint))
    write(fileOf(nearest), bytes)
    hashes.set(nearest, createHash('sha256').update(bytes).digest('hex'))
  },
})
write('weights.safetensors', writeSafetensors(run.parameters))
const inputs = { ...task.tables, ...task.batch(0, 1) }
write('model.onnx', exportOnnx(model, run.parameters, { gates, sizes: model.sizes(inputs), task }).bytes)

const points = run.records.map(({ sequences, step, values }) => ({
  sequences,
  step,
  loss: values.loss,
  accuracy: values.accuracy,
  inductionStrength: Math.max(...values['induction-strength.1']),
}))
const checkpoints = moments.map((sequences) => ({ sequences, sha256: hashes.get(sequences) }))
write('curve.json', `${JSON.stringify({ evaluator: 'train', count: 1000, points, checkpoints }, null, 1)}\n`)

const curveOf = (name) => points.map((point) => [point.sequences, point[name]])
const spec = lossCurves(
  { loss: curveOf('loss'), accuracy: curveOf('accuracy'), 'induction strength': curveOf('inductionStrength') },
  {
    title: 'induction-2l8h: training, with its checkpoints',
    label: 'loss (nats), accuracy, strength',
    bands: moments.map((from) => ({ from, to: from + 3_000 })),
  },
)
write('curve.svg', await renderSvg(spec))
