import * as opsin from 'opsin'

/** What the calls work on: a model and a task that take no time. */
export const model = opsin.attentionOnly({
  layers: 2,
  heads: 2,
  dModel: 4,
  inputs: { kind: 'exemplars', features: 3, labels: 3 },
})
export const parameters = opsin.initialize(model, 5)
export const task = opsin.fewShot({
  features: { classes: 6, exemplars: 2, features: 3 },
  classes: 4,
  labels: 3,
  evaluationSize: 4,
})

/** Tensors whose numbers a case may change without changing those of others. */
export function copies<T extends Readonly<Record<string, opsin.Tensor>>>(tensors: T): Record<string, opsin.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]),
  )
}
export const inputs = () => copies({ ...task.tables, ...task.batch(0, 2) })

/** One of each kind. */
export const interventions = (): opsin.Intervention[] => [
  opsin.ablate(opsin.at(model, 'blocks.1.attn.v', { head: 0 })),
  opsin.clamp(opsin.at(model, 'blocks.0.attn.pattern', { head: 0 }), opsin.previousToken(), {
    when: opsin.during(0, 64),
    phase: ['train', 'eval'],
  }),
  opsin.clamp(
    opsin.at(model, 'blocks.1.attn.pattern', { head: 1, query: 'last' }),
    opsin.induction({ strength: 0.5 }),
    {
      gradient: 'block',
    },
  ),
  opsin.patch(opsin.at(model, 'blocks.1.attn.q'), opsin.activation({ replica: 'clean' }), { gradient: 'source' }),
  opsin.scale(opsin.at(model, 'blocks.0.attn.scores', { head: [0, 1] }), 0.5, { order: 1 }),
  opsin.clamp(opsin.at(model, 'blocks.0.attn.z', { head: 1, pos: 0 }), opsin.tensor([2], new Float32Array([1, 2])), {
    optional: true,
  }),
]
