import { flag, optional } from '../core/check.ts'
import { defineObjective } from './objective.ts'

/**
 * The mean squared difference between predictions and `targets`, float [batch, outputs], or [batch, pos, outputs] where every
 * position is read out.
 *
 * @throws OpsinError `NAME` or `VALUE` for options that do not fit.
 * @example
 * import { squaredError } from 'opsin'
 * const objective = squaredError()
 */
export const squaredError = defineObjective(
  'squared-error',
  {
    /** Whether the batch brings `weights`, one for each row of predictions: the loss is their weighted mean. Default no. */
    weights: optional(flag, false),
  },
  ({ weights }) => ({
    emit(predictions) {
      const { rows, outputs, op, input } = predictions
      const targets = input('targets', [...rows, outputs])
      return op('squared-error', [predictions.logits, targets, ...(weights ? [input('weights', rows)] : [])])
    },
  }),
)
