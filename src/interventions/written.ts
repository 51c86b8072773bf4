import type { Model, Sizes } from '../architectures/define.ts'
import type { Shape } from '../core/shape.ts'
import { axesOfPoint, selectedIndices } from './at.ts'
import type { InterventionKind, Read } from './define.ts'
import { type Edges, type Elements, edgeRule, elementsRead } from './elements.ts'
import { type Intervention, interventionKinds } from './kinds/index.ts'
import { isShifted, shifted } from './shift.ts'

/**
 * What the causal mask leaves on the edges that it hides at an intervention's point; `undefined` where it hides none, and
 * where the intervention gives causality up.
 */
export function hiddenAt(model: Model, { at, causal }: Intervention): number | undefined {
  return model.causal && causal !== false ? model.hookPoints.get(at.point)?.hidden : undefined
}

/** The selected edges that an intervention writes; `undefined` for all. */
export function edgesOfKind(intervention: Intervention): Edges | undefined {
  const kind: InterventionKind = interventionKinds[intervention.kind]
  return kind.edges?.(intervention)
}

/** The elements that an intervention writes of a point of this shape. */
export function elementsWritten(model: Model, sizes: Sizes, intervention: Intervention, shape: Shape): Elements {
  const { at } = intervention
  return {
    axes: axesOfPoint(model, at.point),
    indices: selectedIndices(model, sizes, at, shape).map((list, axis) => list ?? allOf(shape[axis])),
    edge: edgeRule(edgesOfKind(intervention), hiddenAt(model, intervention) !== undefined),
  }
}

/** The elements that an intervention reads of the very point that it writes, through one of the sites it reads. */
export function ownElementsRead(
  model: Model,
  sizes: Sizes,
  intervention: Intervention,
  { site, shift = 0 }: Read,
  shape: Shape,
): Elements {
  const written = elementsWritten(model, sizes, intervention, shape)
  const read = selectedIndices(model, sizes, site, shape).map((list, axis) => list ?? allOf(shape[axis]))
  return elementsRead(written, (axis, index) => {
    // Values of length 1 are repeated; all others stand element by element where they are written.
    const own = read[axis].length === 1 ? read[axis][0] : read[axis][index]
    return isShifted(written.axes, axis) ? shifted(own, shift) : own
  })
}

function allOf(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i)
}
