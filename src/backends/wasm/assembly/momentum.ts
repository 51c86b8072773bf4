import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'

/** out [n] = decay · u [n] + g [n]; out may be u. */
export function momentum(out: usize, u: usize, g: usize, n: i32, decay: f32): void {
  const decays = f32x4.splat(decay)
  for (; n >= 4; n -= 4) {
    v128.store(out, multiplyAdd(decays, v128.load(u), v128.load(g)))
    out += 16
    u += 16
    g += 16
  }
  if (n > 0) storePart(out, multiplyAdd(decays, loadPart(u, n), loadPart(g, n)), n)
}
