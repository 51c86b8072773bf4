import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'

/**
 * out = g + decay · p; out may be g.
 *
 * out, g, p [n]
 */
export function weightDecay(out: usize, g: usize, p: usize, n: i32, decay: f32): void {
  const decays = f32x4.splat(decay)
  for (; n >= 4; n -= 4) {
    v128.store(out, multiplyAdd(decays, v128.load(p), v128.load(g)))
    out += 16
    g += 16
    p += 16
  }
  if (n > 0) storePart(out, multiplyAdd(decays, loadPart(p, n), loadPart(g, n)), n)
}
