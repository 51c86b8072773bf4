import type { ConditionName } from './conditions.ts'
import type { Points } from './points.ts'

const at = [
  0, 1e3, 5e3, 1e4, 1.5e4, 2e4, 2.5e4, 3e4, 4e4, 5e4, 6e4, 7.5e4, 1e5, 1.25e5, 1.5e5, 2e5, 2.5e5, 3e5, 3.5e5, 4e5,
]

/** Losses at the moments above; `null` where the figure shows none. */
const losses: Readonly<Record<ConditionName, readonly (number | null)[]>> = {
  // biome-ignore format: a table
  none: [1.95, null, 1.54, 1.39, 1.2, 1.07, 0.964, 0.894, 0.821, 0.786, 0.77, 0.758, 0.73, 0.718, 0.702, 0.646, 0.508, 0.314, 0.179, 0.12],
  // biome-ignore format: a table
  '{1}': [1.95, null, 1.59, 1.44, 1.27, 1.12, 1.0, 0.924, 0.84, 0.805, 0.77, 0.744, 0.709, 0.658, 0.559, 0.335, 0.195, 0.13, 0.087, 0.063],
  // biome-ignore format: a table
  '{1,2}': [1.97, 1.93, 1.66, 1.63, 1.59, 1.53, 1.43, 1.33, 1.13, 0.816, 0.527, 0.305, 0.16, 0.099, 0.069, 0.035, 0.02, null, null, null],
  // biome-ignore format: a table
  match: [1.92, 1.76, 1.45, 1.13, 0.82, 0.62, 0.44, 0.33, 0.2, 0.144, 0.106, 0.078, 0.045, 0.025, 0.015, 0.006, 0.002, null, null, null],
  // biome-ignore format: a table
  copy: [0.83, 0.79, 0.7, 0.67, 0.64, 0.6, 0.51, 0.42, 0.286, 0.216, 0.172, 0.132, 0.092, 0.071, 0.055, 0.036, 0.027, 0.022, 0.02, null],
  // biome-ignore format: a table
  'layer 1 + copy': [0.77, 0.74, 0.67, 0.6, 0.52, 0.43, 0.335, 0.253, 0.141, 0.099, 0.078, 0.059, 0.045, 0.034, 0.029, 0.017, 0.013, 0.008, null, null],
}

/**
 * The learning curves of figure 5b as published, read off the picture (±.005 in loss). [Singh et al. 2024, figure 5b]
 *
 * @example
 * import { published5b } from 'opsin/reproduce'
 * console.assert(published5b.match[0][1] === 1.92)
 */
export const published5b = Object.fromEntries(
  Object.entries(losses).map(([name, values]) => [
    name,
    values.flatMap((loss, i): [number, number][] => (loss === null ? [] : [[at[i], loss]])),
  ]),
) as unknown as Readonly<Record<ConditionName, Points>>
