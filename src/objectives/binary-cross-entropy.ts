import { flag, optional } from '../core/check.ts'
import { defineObjective } from './objective.ts'

/**
 * Binary cross-entropy of each logit by itself, in nats: −t log σ(x) − (1 − t) log(1 − σ(x)), the mean over all. `targets` are
 * probabilities, float [batch, outputs], or [batch, pos, outputs] where every position is read out.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { binaryCrossEntropy } from 'opsin'
 * const objective = binaryCrossEntropy()
 */
export const binaryCrossEntropy = defineObjective(
  'binary-cross-entropy',
  {
    /** Whether the batch brings `weights`, one for each row of predictions: the loss is their weighted mean. Default no. */
    weights: optional(flag, false),
  },
  ({ weights }) => ({
    emit(predictions) {
      const { rows, outputs, op, input } = predictions
      const targets = input('targets', [...rows, outputs])
      return op('binary-cross-entropy', [predictions.logits, targets, ...(weights ? [input('weights', rows)] : [])])
    },
  }),
)
