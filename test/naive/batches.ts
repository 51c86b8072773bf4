import { type Tensor, tensor } from 'opsin'
import { sampleValues } from '../../src/testing/index.ts'
import { compositionOf, type PartJson } from './composition.ts'
import type { Learner } from './network.ts'

/** How many sequences a batch has, and how long they are. */
export interface BatchSize {
  readonly batch: number
  readonly length: number
}

/** The rows of the table of features. */
const ROWS = 7

/** Random inputs of a model as its parts and its objective describe them, tables among them. */
export function drawBatch(learner: Learner, seed: number, size: BatchSize): Record<string, Tensor> {
  const draw = new Tensors(seed)
  const { inputs } = compositionOf(learner.model)
  const given = sequences(draw, inputs, size)
  const { kind, options } = learner.objective
  if (kind !== 'weighted-sum') return { ...given, ...answers(draw, learner, '', { kind, ...options }, given, size) }
  const parts = Object.entries(options as Record<string, { objective: PartJson }>)
  return Object.assign(
    given,
    ...parts.map(([name, { objective }]) => answers(draw, learner, name, objective, given, size)),
  )
}

/** Tensors by the order in which they are asked for. */
class Tensors {
  #count = 0
  constructor(readonly seed: number) {}

  ints(shape: readonly number[], below: number, from = 0): Tensor {
    return this.#sample({ shape, below, from })
  }

  floats(shape: readonly number[], positive = false): Tensor {
    return this.#sample({ shape, positive })
  }

  /** Each row counts more or less, or in one of two batches not at all. */
  weights(shape: readonly number[]): Tensor {
    return this.#sample(this.seed % 2 === 0 ? { shape, binary: true } : { shape, positive: true })
  }

  #sample(of: Parameters<typeof sampleValues>[0][number]): Tensor {
    return tensor(of.shape, sampleValues([of], 1000 * this.seed + ++this.#count, 'f32')[0].data)
  }
}

function sequences(draw: Tensors, inputs: PartJson, { batch, length }: BatchSize): Record<string, Tensor> {
  if (inputs.kind === 'vectors') return { vectors: draw.floats([batch, length, inputs.width]) }
  if (inputs.kind !== 'exemplars') return { tokens: draw.ints([batch, length], inputs.vocab) }
  const pairs = (length - 1) / 2
  return {
    features: draw.floats([ROWS, inputs.features]),
    exemplars: draw.ints([batch, pairs + 1], ROWS),
    labels: draw.ints([batch, pairs], inputs.labels),
  }
}

/** Targets and weights of one read-out. */
function answers(
  draw: Tensors,
  { model }: Learner,
  name: string,
  json: PartJson,
  { labels }: Record<string, Tensor>,
  { batch, length }: BatchSize,
): Record<string, Tensor> {
  const { at, outputs } = model.readouts[name]
  const rows = at === 'last' ? [batch] : [batch, length]
  const called = (input: string) => (name === '' ? input : `${input}/${name}`)
  const weights: Record<string, Tensor> = json.weights ? { [called('weights')]: draw.weights(rows) } : {}
  const ids = json.kind === 'cross-entropy' && json.targets === 'ids'
  if (!ids) return { [called('targets')]: draw.floats([...rows, outputs], json.kind !== 'squared-error'), ...weights }
  // The answer to exemplars is a label of the context; elsewhere there may be none.
  const pairs = (length - 1) / 2
  const isAnswer = labels !== undefined && at === 'last' && outputs >= 4
  const targets = isAnswer
    ? tensor(
        rows,
        Int32Array.from({ length: batch }, (_, b) => labels.data[b * pairs + ((draw.seed + b) % pairs)]),
      )
    : draw.ints(rows, outputs, outputs > 1 ? -1 : 0)
  return { [called('targets')]: targets, ...weights }
}
