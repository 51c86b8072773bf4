import { loadPart, storePart } from './shared/lanes'
import { multiplyAdd } from './shared/multiply-add'

/** out [n] = decay · m [n] + (1 − decay) · g [n]; out may be m. */
export function ema(out: usize, m: usize, g: usize, n: i32, decay: f32, rest: f32): void {
  const decays = f32x4.splat(decay)
  const rests = f32x4.splat(rest)
  for (; n >= 4; n -= 4) {
    v128.store(out, multiplyAdd(rests, v128.load(g), f32x4.mul(decays, v128.load(m))))
    out += 16
    m += 16
    g += 16
  }
  if (n > 0) storePart(out, multiplyAdd(rests, loadPart(g, n), f32x4.mul(decays, loadPart(m, n))), n)
}

/** out [n] = decay · v [n] + (1 − decay) · g² [n]; out may be v. */
export function emaSquare(out: usize, v: usize, g: usize, n: i32, decay: f32, rest: f32): void {
  const decays = f32x4.splat(decay)
  const rests = f32x4.splat(rest)
  for (; n >= 4; n -= 4) {
    const slope = v128.load(g)
    v128.store(out, multiplyAdd(rests, f32x4.mul(slope, slope), f32x4.mul(decays, v128.load(v))))
    out += 16
    v += 16
    g += 16
  }
  if (n == 0) return
  const slope = loadPart(g, n)
  storePart(out, multiplyAdd(rests, f32x4.mul(slope, slope), f32x4.mul(decays, loadPart(v, n))), n)
}
