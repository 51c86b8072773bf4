import { type FewShotOptions, fewShot, type Intervention, type Model, type Receipt, type Tensor } from 'opsin'
import { load } from 'opsin/runtime'

/** How many sequences each run computes. The reader sees one of them; the others say whether a clamp matters in general. */
const SEQUENCES = 64

/** What a run says. */
export interface Reading {
  /** Attention of each layer: [sequence, head, query, key]. */
  readonly patterns: readonly Tensor[]
  /** Of each label, for each sequence. */
  readonly probabilities: readonly (readonly number[])[]
  /** The share of sequences whose likeliest label is right. */
  readonly accuracy: number
  /** Mean cross-entropy, in nats. */
  readonly loss: number
  readonly receipts: readonly Receipt[]
  readonly milliseconds: number
}

/** A trained network, ready to run on sequences that stay the same. */
export interface Network {
  readonly model: Model
  readonly engine: string
  readonly layers: number
  readonly heads: number
  readonly labels: number
  readonly batch: Readonly<Record<'exemplars' | 'labels' | 'targets', Tensor>>
  /** What the network sees of each exemplar: [row, feature]. */
  readonly features: Tensor
  run(interventions: readonly Intervention[]): Promise<Reading>
}

/** Opens the file that export.js has written. It says of itself which model it is and what that was trained on. */
export async function openNetwork(bytes: Uint8Array): Promise<Network> {
  const session = await load(bytes, { runtime: await import('onnxruntime-web/wasm') })
  const { config, task: trainedOn } = session.contents.opsin ?? {}
  const { name, ...options } = trainedOn ?? {}
  if (name !== 'few-shot')
    throw new Error(`This page shows the few-shot task; the model was trained on ${String(name)}.`)
  const task = fewShot(options as FewShotOptions)
  const { layers, heads } = config as { readonly layers: number; readonly heads: number }
  const batch = task.evaluator('train', SEQUENCES) as Network['batch']
  const { features } = { ...task.tables, ...task.trainingTables }
  const inputs = { features, ...batch }
  return {
    model: session.model,
    engine: session.engine,
    layers,
    heads,
    labels: task.sizes.labels,
    batch,
    features,
    async run(interventions) {
      const started = performance.now()
      const { cache, receipts } = await session.run(inputs, { interventions })
      const patterns = Array.from({ length: layers }, (_, layer) => cache[`blocks.${layer}.attn.pattern`])
      return {
        patterns,
        ...read(cache.logits, batch.targets),
        receipts,
        milliseconds: performance.now() - started,
      }
    },
  }
}

/** @param logits of each label, one row a sequence. @param targets the right label of each sequence. */
function read({ data }: Tensor, targets: Tensor) {
  const sequences = targets.data.length
  const labels = data.length / sequences
  const probabilities = Array.from({ length: sequences }, (_, i) =>
    softmax(Array.from(data.subarray(i * labels, (i + 1) * labels))),
  )
  const ofRight = probabilities.map((row, i) => row[targets.data[i]])
  const right = probabilities.filter((row, i) => Math.max(...row) === ofRight[i]).length
  return {
    probabilities,
    accuracy: right / sequences,
    loss: ofRight.reduce((sum, p) => sum - Math.log(p), 0) / sequences,
  }
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((x) => Math.exp(x - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
