import { requireBelow } from '../architectures/given-inputs.ts'
import { flag, oneOf, optional } from '../core/check.ts'
import { defineObjective } from './objective.ts'

/**
 * Cross-entropy of the logits' softmax: the mean of −log p(target) in nats. Targets are ids (`targets`, int [batch], or
 * [batch, pos] where every position is read out; −1 where there is none) or distributions over the vocabulary (float, with an
 * axis `vocab` more).
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { crossEntropy } from 'opsin'
 * const objective = crossEntropy({ weights: true }) // the batch brings `weights`, one for each target
 */
export const crossEntropy = defineObjective(
  'cross-entropy',
  {
    /** Default `ids`. */
    targets: optional(oneOf('ids', 'soft'), 'ids'),
    /** Whether the batch brings `weights`, one for each target: the loss is their weighted mean. Default no. */
    weights: optional(flag, false),
  },
  ({ targets: kind, weights }) => ({
    emit(predictions) {
      const { rows, outputs, op, input } = predictions
      const targets =
        kind === 'ids' ? input('targets', rows, 'batch', 'int') : input('targets', [...rows, outputs], 'batch')
      const given = weights ? [input('weights', rows)] : []
      const name = kind === 'soft' ? 'soft-cross-entropy' : weights ? 'weighted-cross-entropy' : 'cross-entropy'
      return op(name, [predictions.logits, targets, ...given])
    },
    check(read, rows, outputs) {
      const { name, tensor } = read('targets', kind === 'ids' ? rows : [...rows, outputs])
      if (kind === 'ids') requireBelow(name, tensor, outputs, -1)
    },
  }),
)
