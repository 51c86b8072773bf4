import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd, subtractProduct } from './shared/multiply-add'

/**
 * u' = decay · u + g, p' = p − rates[0] · u'
 *
 * out   [2, n] = p', u'; may be state
 * state [2, n] = p, u
 * g     [n]
 * rates [1]
 */
export function momentum(out: usize, state: usize, g: usize, rates: usize, n: i32, decay: f32): void {
  const part = <usize>n << 2
  const rate = v128.load32_splat(rates)
  const decays = f32x4.splat(decay)
  for (; n >= 4; n -= 4) {
    const u = multiplyAdd(decays, v128.load(state + part), v128.load(g))
    v128.store(out, subtractProduct(v128.load(state), rate, u))
    v128.store(out + part, u)
    out += 16
    state += 16
    g += 16
  }
  if (n == 0) return
  const u = multiplyAdd(decays, loadPart(state + part, n), loadPart(g, n))
  storePart(out, subtractProduct(loadPart(state, n), rate, u), n)
  storePart(out + part, u, n)
}
