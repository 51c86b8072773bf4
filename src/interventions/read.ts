import type { Model, Sizes } from '../architectures/define.ts'
import { isPositionAxis } from '../core/axes.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { NodeId } from '../graph/node.ts'
import { axesOfPoint, selectedIndices } from './at.ts'
import type { Site } from './define.ts'

/** The name of a point in a pass. */
export function pointInPass(point: string, pass = 'main'): string {
  return pass === 'main' ? point : `${pass}/${point}`
}

/** What a site means in a graph under construction: its point's value there, and the indices of it that are meant. */
export function resolveSite(builder: GraphBuilder, model: Model, sizes: Sizes, at: Site) {
  const axes = axesOfPoint(model, at.point)
  const value = builder.pointId(pointInPass(at.point, at.pass))
  const { shape } = builder.node(value)
  const selected = selectedIndices(model, sizes, at, shape)
  return { axes, value, shape, selected }
}

/**
 * A site's value, narrowed to its selection. Positions are taken first, queries before keys: those are the rows that the
 * loss selects too, and whoever reads the same rows reads the same node.
 */
export function readSite(builder: GraphBuilder, model: Model, sizes: Sizes, at: Site): NodeId {
  const { axes, value, selected } = resolveSite(builder, model, sizes, at)
  const positionsFirst = [true, false].flatMap((first) =>
    [...axes.keys()].filter((axis) => isPositionAxis(axes[axis]) === first),
  )
  return positionsFirst.reduce<NodeId>((id, axis) => {
    const indices = selected[axis]
    return indices === null ? id : builder.op('take', [id], { axis, indices })
  }, value)
}
