import { adamRows } from './shared/adam'

/** p' = rates[2] · p − rates[0] · m' / (√(v' · rates[1]) + eps), rates [3]; all buffers as in shared/adam. */
export function adamW(
  out: usize,
  state: usize,
  g: usize,
  rates: usize,
  n: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  eps: f32,
): void {
  adamRows(out, state, g, rates, n, beta1, rest1, beta2, rest2, eps, v128.load32_splat(rates, 8))
}
