import type { AxisSelection, Model, Site } from 'opsin'

/** The rule for selections said slowly: is this index of an axis of this size selected? */
export function isSelected(
  selection: AxisSelection | undefined,
  index: number,
  size: number,
  words: Readonly<Record<string, readonly number[]>>,
): boolean {
  const same = (named: number) => named === index || named + size === index
  if (selection === undefined) return true
  if (typeof selection === 'string') return words[selection].includes(index)
  if (typeof selection === 'number') return same(selection)
  if (Array.isArray(selection)) return selection.some(same)
  if ('except' in selection) return ![selection.except].flat().some(same)
  const { from, to } = selection as { from: number; to: number }
  const [start, end] = [from < 0 ? from + size : from, to < 0 ? to + size : to]
  return start <= index && index < end
}

/** By element of a value of this shape: whether an intervention at a site writes it: what the mask hides is not written. */
export function writtenElements(model: Model, site: Site, shape: readonly number[], length: number): boolean[] {
  const hides = model.config.causal !== false && /^blocks\.\d+\.attn\.(scores|pattern)$/.test(site.point)
  return selectedElements(model, site, shape, length).map((selected, i) => {
    const [query, key] = [Math.floor(i / length) % length, i % length]
    return selected && !(hides && key > query)
  })
}

/** By element of a value of this shape: whether a site selects it. */
export function selectedElements(model: Model, site: Site, shape: readonly number[], length: number): boolean[] {
  const axes = model.hookPoints.get(site.point.replace(/^grad\((.*)\)$/, '$1'))?.axes ?? []
  const positions = model.positions({ batch: shape[0], pairs: (length - 1) / 2, rows: 1, length })
  return Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, element) => {
    let rest = element
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const words = shape[axis] === 1 ? { last: [0], query: [0] } : positions
      if (!isSelected(site.select?.[axes[axis]], rest % shape[axis], shape[axis], words)) return false
      rest = Math.floor(rest / shape[axis])
    }
    return true
  })
}

/** The indices of an axis that a selection names, in its order. */
function listOf(
  selection: AxisSelection | undefined,
  size: number,
  words: Readonly<Record<string, readonly number[]>>,
): number[] {
  const all = Array.from({ length: size }, (_, i) => i)
  if (!Array.isArray(selection)) return all.filter((index) => isSelected(selection, index, size, words))
  return [...new Set(selection.map((index: number) => (index < 0 ? index + size : index)))]
}

/** Per axis of a value of this shape: the indices that a site selects, in its order. */
export function selectedLists(
  model: Model,
  { point, select }: Site,
  shape: readonly number[],
  words: Readonly<Record<string, readonly number[]>>,
): number[][] {
  const axes = model.hookPoints.get(point.replace(/^grad\((.*)\)$/, '$1'))?.axes ?? []
  return axes.map((axis, i) => {
    return listOf(select?.[axis], shape[i], shape[i] === 1 ? { ...words, last: [0], query: [0] } : words)
  })
}

/** The elements of a value of this shape that a site selects, in its order. */
export function selectedValues<Data extends { [i: number]: number }>(
  model: Model,
  site: Site,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Data },
  length: number,
): number[] {
  const positions = model.positions({ batch: shape[0], pairs: (length - 1) / 2, rows: 1, length })
  const lists = selectedLists(model, site, shape, positions)
  const walk = (axis: number, start: number): number[] =>
    axis === shape.length ? [data[start]] : lists[axis].flatMap((i) => walk(axis + 1, start * shape[axis] + i))
  return walk(0, 0)
}
