import {
  ablate,
  activation,
  at,
  attentionOnly,
  clamp,
  copyFrom,
  except,
  type Intervention,
  induction,
  patch,
  previousToken,
  range,
} from 'opsin'

export const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })

/** Of the second layer only head 3 is left: one induction head has to form. */
const onlyHead3 = ablate(at(model, 'blocks.1.attn.v', { head: except(3) }))

/** Step 1: a head of the first layer attends to the previous token, perfectly and from the start. */
const previousTokenHead = clamp(at(model, 'blocks.0.attn.pattern', { head: 2 }), previousToken())

const embedding = activation({ of: at(model, 'blocks.0.resid_pre') })
const oneBack = activation({ of: at(model, 'blocks.0.resid_pre'), shift: 1 })
// Values from another replica keep their gradient, as in the authors' code.
const live = { gradient: 'source' } as const

/**
 * Steps 1 and 2: the whole first layer is perfect. In a replica called `shifted`, every token but the first and
 * the last carries the embedding of the one before. The main network attends as the replica does, over plain embeddings.
 */
const firstLayer = [
  patch(at(model, 'blocks.0.resid_post', { replica: 'shifted' }), embedding, live),
  patch(at(model, 'blocks.0.resid_post', { replica: 'shifted', pos: range(1, -1) }), oneBack, { ...live, order: 1 }),
  patch(at(model, 'blocks.0.resid_post'), embedding, live),
  patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: 'shifted' }), live),
]

/** Step 4, and all that leads to it: head 3 attends to the right label. */
const match = clamp(at(model, 'blocks.1.attn.pattern', { head: 3, query: 'last' }), induction())

/** Step 5: the scores that head 3 gives the labels become the answer. */
const copy = (replica: string) =>
  patch(at(model, 'logits'), copyFrom(at(model, 'blocks.1.attn.scores', { head: 3, replica })), live)

/** The six conditions, named as in the figure. */
export const conditions: Readonly<Record<string, readonly Intervention[]>> = {
  none: [onlyHead3],
  '{1}': [onlyHead3, previousTokenHead],
  '{1,2}': [onlyHead3, ...firstLayer],
  match: [onlyHead3, match],
  copy: [copy('clean')],
  'layer 1 + copy': [...firstLayer, copy('shifted')],
}
