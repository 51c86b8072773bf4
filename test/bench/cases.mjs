import { adam, compile, fewShot, fromIclDynamics, initialize, preNorm, tensor, training } from 'opsin'

/**
 * One workload, as the benchmark describes it in JSON: what to train on what, by which engine, under which clamp. Peers
 * read the same description.
 *
 * @typedef {object} Spec
 * @property {object} model options of `preNorm`
 * @property {{ kind: 'few-shot' } | { kind: 'tokens', vocab: number, length: number }} task
 * @property {number} batch
 * @property {string} [engine]
 * @property {number} [threads] of peers; an engine's are in its name
 * @property {'forward'} [pass] the logits alone, in place of a training step
 * @property {object} [clamp] options of `fromIclDynamics`
 * @property {(string | import('opsin').Site)[]} [observe]
 * @property {string[]} [without]
 */

/** The paper's step: 32 sequences of 5 tokens through 2 layers of 8 heads. */
export const paper = {
  model: { layers: 2, heads: 8, dModel: 64, inputs: { kind: 'exemplars', features: 512, labels: 5 } },
  task: { kind: 'few-shot' },
  batch: 32,
}

/** Random tokens whose second half repeats the first, and the next token asked for everywhere. */
function repeats({ vocab, length }) {
  let state = 1
  const draw = () => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % vocab
  }
  const task = {
    name: 'bench-repeats',
    config: { vocab, length },
    sizes: { labels: vocab },
    tables: {},
    batch(_, size) {
      const [tokens, targets] = [new Int32Array(size * length), new Int32Array(size * length)]
      for (let s = 0; s < size; s++) {
        const half = Array.from({ length: length / 2 }, draw)
        for (let i = 0; i < length; i++) {
          tokens[s * length + i] = half[i % half.length]
          targets[s * length + i] = half[(i + 1) % half.length]
        }
      }
      return { tokens: tensor([size, length], tokens), targets: tensor([size, length], targets) }
    },
    evaluators: ['train'],
    evaluator: (_, count = 4) => task.batch(0, count),
  }
  return task
}

/** What is trained, and on what. */
function learnerOf(/** @type {Spec} */ spec) {
  const tokens = spec.task.kind === 'tokens'
  const model = preNorm(tokens ? { ...spec.model, readout: 'all' } : spec.model)
  const heldOutLabels = [
    [1, 3],
    [0, 2],
  ]
  return { model, task: tokens ? repeats(spec.task) : fewShot({ classes: 50, labels: 5, heldOutLabels }) }
}

/** A forward pass each time it is called, on the next batch. */
export async function forward(/** @type {Spec} */ spec) {
  const { model, task } = learnerOf(spec)
  const session = await compile(model, initialize(model, 5, 'f32'), { read: ['logits'], engine: spec.engine })
  return () => {
    const { targets: _, ...inputs } = task.batch(0, spec.batch)
    return session.run({ ...task.tables, ...inputs })
  }
}

/** The run, through the public door; it ends only when nobody asks for more. */
export function start(/** @type {Spec} */ spec, options = {}) {
  const { model, task } = learnerOf(spec)
  const observed = spec.observe === undefined ? {} : { observe: spec.observe, onStep: glance }
  return training(model, task, {
    // More steps than anybody will ask for.
    sequences: 1e6 * spec.batch,
    batch: spec.batch,
    optimizer: adam({ lr: 1e-5 }),
    engine: spec.engine,
    interventions: spec.clamp === undefined ? [] : fromIclDynamics(model, spec.clamp),
    evaluations: [{ evaluator: 'train', count: spec.batch }],
    evaluateAt: [],
    without: spec.without ?? [],
    ...observed,
    ...options,
  })
}

/** What a user does with an observation at the least: look at a number of each value. */
function glance({ values, step }) {
  for (const name in values) {
    if (!Number.isFinite(values[name].data[0])) throw new Error(`step ${step}: ${name} is not finite`)
  }
}
