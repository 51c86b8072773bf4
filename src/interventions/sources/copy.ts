import { check } from '../../core/check.ts'
import { OpsinError } from '../../core/errors.ts'
import { show } from '../../core/show.ts'
import { siteAtScores } from '../at.ts'
import type { Site } from '../define.ts'
import { knownSource } from './define.ts'

/** Logits of the context's labels, by the scores of one head. */
export interface CopySource {
  readonly from: 'copy'
  /** A single head's `attn.scores`. */
  readonly scores: Site
}

/** The logit of a label that is not in the context. [Singh et al. 2024, its code] */
const ABSENT = -1e9

/**
 * The output of a network that copies perfectly what a head attends to: the logit of each label in the context is the
 * head's pre-softmax score from the query to that label (the logsumexp over them, where a label occurs more than once),
 * and −1e9 for every other label. [Singh et al. 2024, `perfect_copy_from_head_pattern`]
 *
 * @param scores one head of one layer: `at(model, 'blocks.1.attn.scores', { head: 3 })`.
 * @example
 * import { at, attentionOnly, copyFrom, patch } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const scores = at(model, 'blocks.1.attn.scores', { head: 3 })
 * patch(at(model, 'logits'), copyFrom(scores), { gradient: 'source' })
 */
export function copyFrom(scores: Site): CopySource {
  return check('copyFrom', { from: 'copy', scores }, copySource.rule)
}

export const copySource = knownSource<CopySource>({
  from: 'copy',
  fields: { scores: siteAtScores('the attn.scores of a head to copy from') },
  emit({ scores }, site) {
    const { builder, model, sizes, where, shape } = site
    const { labels } = model.positions(sizes)
    if (labels === undefined || site.pointKind !== 'logits' || shape[1] !== 1) {
      throw new OpsinError('VALUE', {
        where,
        expected: 'for copyFrom() the logits of a model of exemplars and labels, read out at the last position',
        got: site.pointKind,
      })
    }
    const select = { ...scores.select, query: 'last', key: 'labels' }
    const seen = site.read({ ...scores, select })
    if (builder.node(seen).shape[1] !== 1) {
      throw new OpsinError('VALUE', { where, expected: 'one head to copy from', got: show(scores) })
    }
    const logits = builder.op('copy-logits', [seen, builder.inputId('labels')], { vocab: shape[2], floor: ABSENT })
    return { node: builder.op('reshape', [logits], { shape }) }
  },
  reads: ({ scores }) => [{ site: scores }],
})
