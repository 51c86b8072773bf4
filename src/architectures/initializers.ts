/** How a parameter starts. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** Truncated at two standard deviations; `deviation` is that of the normal before truncation. */
  | { readonly kind: 'truncated-normal'; readonly deviation: number }

export const zeros: Initializer = { kind: 'zeros' }
export const ones: Initializer = { kind: 'ones' }

/** Standard deviation of a unit normal after truncation to [−2, 2]. */
const TRUNCATED_DEVIATION = 0.87962566103423978

/** Variance 1/fan_in after truncation at two standard deviations. [LeCun et al. 1998, as in JAX] */
export function leCunNormal(fanIn: number): Initializer {
  return { kind: 'truncated-normal', deviation: Math.sqrt(1 / fanIn) / TRUNCATED_DEVIATION }
}
