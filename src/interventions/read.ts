import type { Model, Sizes } from '../architectures/define.ts'
import { isPositionAxis } from '../core/axes.ts'
import { OpsinError } from '../core/errors.ts'
import { pointInReplica } from '../graph/address.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { NodeId } from '../graph/node.ts'
import { axesOfPoint, selectedIndices, showSite } from './at.ts'
import type { Site } from './define.ts'
import { isShifted, shifted } from './shift.ts'

/** A site in a graph under construction: its point's value there, and the selected indices. */
export function resolveSite(builder: GraphBuilder, model: Model, sizes: Sizes, at: Site) {
  const axes = axesOfPoint(model, at.point)
  const value = builder.pointId(pointInReplica(at.point, at.replica))
  const { shape } = builder.node(value)
  const selected = selectedIndices(model, sizes, at, shape)
  return { axes, value, shape, selected }
}

/**
 * A site's value, narrowed to its selection, with each token's value taken from `shift` positions earlier (the first ones
 * from themselves). Positions are taken first, queries before keys: those are the rows that the loss selects too, and
 * whoever reads the same rows reads the same node.
 *
 * @throws OpsinError `VALUE` for a shift where there are no positions.
 */
export function readSite(builder: GraphBuilder, model: Model, sizes: Sizes, at: Site, shift = 0): NodeId {
  const { axes, value, selected, shape } = resolveSite(builder, model, sizes, at)
  const moves = axes.findIndex((_, axis) => isShifted(axes, axis))
  if (shift > 0 && moves < 0) {
    throw new OpsinError('VALUE', {
      where: showSite(at),
      expected: 'an axis of positions to shift along',
      got: axes.join(', '),
    })
  }
  const positionsFirst = [true, false].flatMap((first) =>
    [...axes.keys()].filter((axis) => isPositionAxis(axes[axis]) === first),
  )
  return positionsFirst.reduce<NodeId>((id, axis) => {
    const indices =
      axis === moves && shift > 0
        ? (selected[axis] ?? [...Array(shape[axis]).keys()]).map((position) => shifted(position, shift))
        : selected[axis]
    return indices === null ? id : builder.op('take', [id], { axis, indices })
  }, value)
}
