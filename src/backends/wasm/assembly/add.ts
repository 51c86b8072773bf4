import { loadPart, storePart } from './shared/lanes'

/** out [n] = a [n] + b [n]; out may be a. */
export function add(out: usize, a: usize, b: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)))
    out += 16
    a += 16
    b += 16
  }
  if (n > 0) storePart(out, f32x4.add(loadPart(a, n), loadPart(b, n)), n)
}
