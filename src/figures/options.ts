import { count, optional, positive, type Rule, text } from '../core/check.ts'

/** No figure is larger, in pixels or in columns of a terminal. */
const LARGEST = 10_000

export const title = optional(text)

/** Width or height of a drawing, in pixels. */
export function pixels(value: number): Rule<number> {
  const fits = (size: unknown) => positive.fits(size) && Number(size) <= LARGEST
  return optional({ expected: `a positive number of at most ${LARGEST}`, fits }, value)
}

/** So many things beside one another. */
export const columns = count(LARGEST)

/** Which numbers of a run a curve shows. */
export const reading = { probe: optional(text, 'loss'), set: optional(text) }
