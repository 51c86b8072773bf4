import { count, flag, optional } from '../../core/check.ts'
import type { NodeId } from '../../graph/node.ts'
import type { OpDef } from '../../ops/define.ts'
import { bias, weight } from '../parameters.ts'
import { definerOf, type Part, type Place, type PointTable } from '../part.ts'
import { hiddenUnits } from '../points.ts'

/** A layer that works on each token by itself. */
export interface Mlp<Points extends PointTable = PointTable> extends Part<Points> {
  /** [batch, pos, d_model] → the same shape. */
  emit(place: Place, x: NodeId): NodeId
}

/**
 * Defines a kind of MLP: what works on each token by itself. {@link defineElementwiseMlp} does it for one hidden layer.
 *
 * @example
 * import { defineMlp } from 'opsin/extend'
 * const twice = defineMlp('me/twice', {}, () => ({
 *   points: () => ({}),
 *   parameters: () => [],
 *   emit: (place, x) => place.op('add', [x, x]),
 * }))
 * console.assert(twice().kind === 'me/twice')
 */
export const defineMlp = definerOf<Mlp>()

/** The options of an MLP. */
export const mlpOptions = {
  /** Hidden width, d_mlp; default 4 · d_model. */
  width: optional(count(2 ** 20)),
  /** Whether both layers have biases. */
  bias: optional(flag, true),
}

/**
 * An MLP with one hidden layer: y = f(x W_in + b_in) W_out + b_out, where f is an op on each element.
 * @example
 * import { defineElementwiseMlp } from 'opsin/extend'
 * const sigmoidMlp = defineElementwiseMlp('me/sigmoid', 'sigmoid')
 * console.assert('mlp.post' in sigmoidMlp({ width: 4 }).points(8))
 */
export function defineElementwiseMlp(kind: string, activation: string | OpDef) {
  return defineMlp(
    kind,
    mlpOptions,
    ({ width: hidden, bias: biased }) => ({
      points(width) {
        const units = hiddenUnits(hidden ?? 4 * width)
        return { 'mlp.pre': units, 'mlp.post': units }
      },
      parameters(width) {
        const dMlp = hidden ?? 4 * width
        return [
          weight('mlp.in.weight', width, dMlp),
          ...(biased ? [bias('mlp.in.bias', dMlp)] : []),
          weight('mlp.out.weight', dMlp, width),
          ...(biased ? [bias('mlp.out.bias', width)] : []),
        ]
      },
      emit(place, x) {
        const pre = place.point('mlp.pre', place.linear(x, 'mlp.in', biased))
        return place.linear(place.point('mlp.post', place.op(activation, [pre])), 'mlp.out', biased)
      },
    }),
    (draw) => ({ width: draw.size(6), bias: draw.pick([true, false]) }),
  )
}
