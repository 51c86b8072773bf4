import { type Axis, isPositionAxis } from '../core/axes.ts'

/** Whether tokens lie along an axis in the order in which a shift counts them. */
export function isShifted(axes: readonly Axis[], axis: number): boolean {
  return isPositionAxis(axes[axis]) && axes[axis] !== 'key'
}

/** The position that is read for one under a shift: so many earlier, the first ones themselves. */
export function shifted(position: number, by: number): number {
  return position < by ? position : position - by
}
