import { copyRow, fillRow } from './shared/copy'
import { eachRow, RepeatedRow } from './shared/repeat'

/** out = x, repeated; loops as in shared/repeat. */
export function broadcast(out: usize, x: usize, loops: usize): void {
  eachRow<Broadcast>(out, 0, x, 0, loops)
}

// @ts-ignore: decorator
@unmanaged
class Broadcast extends RepeatedRow {
  // @ts-ignore: decorator
  @inline
  of(out: usize, _: usize, x: usize, step: usize, _b: usize, _bStep: usize, n: i32): void {
    if (step) copyRow(out, x, n)
    else fillRow(out, load<f32>(x), n)
  }
}
