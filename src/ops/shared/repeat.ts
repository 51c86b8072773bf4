import type { Shape } from '../../core/shape.ts'
import type { Draw } from '../define.ts'

// Repetition along axes, aligned at the last axis: missing leading axes count as 1, and an axis of 1 repeats.

/** Whether a value of shape `from` can be repeated to `to`. */
export function repeatsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length
  return lead >= 0 && from.every((n, axis) => n === 1 || n === to[lead + axis])
}

/** Which element of `from` stands at element `index` of `to`, both row-major. */
export function repeatedIndex(index: number, to: Shape, from: Shape): number {
  const lead = to.length - from.length
  let rest = index
  let stride = 1
  let found = 0
  for (let axis = from.length - 1; axis >= 0; axis--) {
    const length = to[lead + axis]
    if (from[axis] !== 1) found += (rest % length) * stride
    rest = Math.floor(rest / length)
    stride *= from[axis]
  }
  return found
}

/** The shape with another length along one axis. */
export function withLength(shape: Shape, axis: number, length: number): Shape {
  return shape.map((n, i) => (i === axis ? length : n))
}

/** A shape of 1 to 4 axes, of at most a few hundred elements. */
export function drawShape(draw: Draw): number[] {
  return draw.pick([
    () => [draw.size(19)],
    () => [draw.size(5), draw.size()],
    () => [draw.size(3), draw.size(4), draw.size()],
    () => [draw.size(2), draw.size(3), draw.size(3), draw.size()],
  ])()
}

/** A shape that repeats to `shape`: some axes made 1, and perhaps leading ones left out. */
export function drawRepeated(draw: Draw, shape: Shape): number[] {
  const kept = shape.map((n) => (draw.pick([true, false]) ? n : 1))
  return kept.slice(draw.int(0, shape.length))
}
