/** Points of a learning curve: sequences seen, and the loss there. */
export type Points = readonly (readonly [sequences: number, loss: number])[]

/** The loss after so many sequences, on the line between the two points around them; nothing outside the curve. */
export function lossAt(points: Points, sequences: number): number | undefined {
  const next = points.findIndex(([at]) => at >= sequences)
  if (next < 0) return undefined
  const [to, after] = points[next]
  if (to === sequences) return after
  if (next === 0) return undefined
  const [from, before] = points[next - 1]
  return before + ((after - before) * (sequences - from)) / (to - from)
}

/** When the loss is first below a level, on the line between two points. */
export function firstBelow(points: Points, level: number): number | undefined {
  const next = points.findIndex(([, loss]) => loss < level)
  if (next <= 0) return points[next]?.[0]
  const [[from, before], [to, after]] = [points[next - 1], points[next]]
  return from + ((to - from) * (before - level)) / (before - after)
}

/** How many sequences the curve spends between two levels, all stretches together. */
export function timeBetween(points: Points, low: number, high: number): number {
  let time = 0
  for (let i = 1; i < points.length; i++) {
    const [[from, before], [to, after]] = [points[i - 1], points[i]]
    const [bottom, top] = before < after ? [before, after] : [after, before]
    const inside = Math.max(0, Math.min(top, high) - Math.max(bottom, low))
    const share = top > bottom ? inside / (top - bottom) : Number(bottom >= low && top <= high)
    time += share * (to - from)
  }
  return time
}

/** When the first curve, once it has been above the second, is first below it. */
export function firstCrossing(points: Points, other: Points): number | undefined {
  const difference = points.flatMap(([at, loss]): [number, number][] => {
    const against = lossAt(other, at)
    return against === undefined ? [] : [[at, loss - against]]
  })
  const above = difference.findIndex(([, d]) => d > 0)
  return above < 0 ? undefined : firstBelow(difference.slice(above), 0)
}
