import { loadPart, storePart } from './shared/lanes'
import { subtractProduct } from './shared/multiply-add'

/**
 * out  [n] = p − rates[0] · g; out may be p
 * p, g [n]
 * rates [1]
 */
export function sgd(out: usize, p: usize, g: usize, rates: usize, n: i32): void {
  const rate = v128.load32_splat(rates)
  for (; n >= 4; n -= 4) {
    v128.store(out, subtractProduct(v128.load(p), rate, v128.load(g)))
    out += 16
    p += 16
    g += 16
  }
  if (n > 0) storePart(out, subtractProduct(loadPart(p, n), rate, loadPart(g, n)), n)
}
