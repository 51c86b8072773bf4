import { OpsinError } from '../../core/errors.ts'
import { list } from '../../core/fields.ts'
import { type Shape, showShape, sizeOf, stridesOf } from '../../core/shape.ts'
import { aShape } from '../../core/shape-rule.ts'
import type { SiteContext } from '../define.ts'
import { knownSource } from './define.ts'

/** Given values: one per selected element, or repeated along axes where the shape says 1 or nothing. */
export interface ArraySource {
  readonly from: 'array'
  readonly shape: Shape
  readonly values: readonly number[]
}

export const arraySource = knownSource<ArraySource>({
  from: 'array',
  fields: { shape: aShape, values: { ...list, schema: { type: 'array', items: { type: 'number' } } } },
  asks: 'there are as many values as the shape says',
  check({ shape, values }) {
    // `Array.from`, since `every` passes over holes.
    const areFinite = Array.from(values).every(Number.isFinite)
    if (sizeOf(shape) !== values.length || !areFinite) {
      throw new OpsinError('VALUE', {
        where: '',
        expected: `${sizeOf(shape)} finite values for shape ${showShape(shape)}`,
        got: `${values.length} values${areFinite ? '' : ', some not finite'}`,
      })
    }
  },
  emit({ shape, values }, site) {
    const aligned = [...new Array(Math.max(0, site.shape.length - shape.length)).fill(1), ...shape]
    requireFit(shape, aligned, site)
    return { node: site.builder.op('constant', [], place(aligned, values, site)) }
  },
})

/** Each axis of the array is 1, or as long as the selection there. */
function requireFit(shape: Shape, aligned: Shape, { where, shape: whole, selected }: SiteContext): void {
  const wanted = whole.map((size, axis) => selected[axis]?.length ?? size)
  if (aligned.length === whole.length && aligned.every((size, axis) => size === 1 || size === wanted[axis])) return
  throw new OpsinError('SHAPE', {
    where,
    expected: `an array that broadcasts to the selected ${showShape(wanted)}`,
    got: showShape(shape),
  })
}

/** The values laid out over the whole of each selected axis, zero where nothing is selected. */
function place(aligned: Shape, values: readonly number[], { shape: whole, selected }: SiteContext) {
  const shape = aligned.map((size, axis) => (size === 1 ? 1 : whole[axis]))
  const [from, to] = [stridesOf(aligned), stridesOf(shape)]
  const laid = new Array<number>(sizeOf(shape)).fill(0)
  values.forEach((value, i) => {
    let index = 0
    aligned.forEach((size, axis) => {
      const at = Math.floor(i / from[axis]) % size
      index += (size === 1 ? 0 : (selected[axis]?.[at] ?? at)) * to[axis]
    })
    laid[index] = value + 0 // no −0, as in JSON
  })
  return { shape, value: laid }
}
