import { rowMinus } from './shared/rows'

/**
 * out  [n] = p − rates[0] · g; out may be p
 * p, g [n]
 * rates [1]
 */
export function sgd(out: usize, p: usize, g: usize, rates: usize, n: i32): void {
  rowMinus(out, p, g, n, v128.load32_splat(rates))
}
