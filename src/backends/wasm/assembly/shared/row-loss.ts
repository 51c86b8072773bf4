// The weighted mean of a loss of rows, and its gradient: loss = Σ_r w[r] loss_r / Σ_r w[r].

/** The loss of one row of predictions x [width], with its targets: as many floats, or one id. */
// @ts-ignore: decorator
@unmanaged
export abstract class RowLoss {
  /** How many targets a row has. */
  abstract targetsOf(width: i32): i32
  /** Whether there are targets: a row without counts for nothing. */
  abstract counts(targets: usize): bool
  abstract loss(x: usize, targets: usize, width: i32): f64
  /** out [width] = factor · the derivative by x. */
  abstract slope(out: usize, x: usize, targets: usize, width: i32, factor: f32): void
}

/** The loss of a row that has a target for each prediction. */
// @ts-ignore: decorator
@unmanaged
export abstract class FloatTargets extends RowLoss {
  // @ts-ignore: decorator
  @inline
  targetsOf(width: i32): i32 {
    return width
  }

  // @ts-ignore: decorator
  @inline
  counts(_: usize): bool {
    return true
  }
}

/**
 * out     []; 0 where no row has a weight
 * x       [rows, width]
 * weights [rows], or 0 for ones
 */
export function meanLoss<F extends RowLoss>(
  out: usize,
  x: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  width: i32,
): void {
  const rule = changetype<F>(0)
  let sum: f64 = 0
  let total: f64 = 0
  for (let row = 0; row < rows; row++) {
    const weight = weightOf<F>(targets, weights, row)
    if (weight != 0) sum += <f64>weight * rule.loss(x, targets, width)
    total += <f64>weight
    x += <usize>width << 2
    targets += <usize>rule.targetsOf(width) << 2
  }
  store<f32>(out, total == 0 ? 0 : <f32>(sum / total))
}

/**
 * out [rows, width]
 * g   []
 */
export function meanLossVjp<F extends RowLoss>(
  out: usize,
  g: usize,
  x: usize,
  targets: usize,
  weights: usize,
  rows: i32,
  width: i32,
): void {
  const rule = changetype<F>(0)
  const step = <usize>width << 2
  const targetStep = <usize>rule.targetsOf(width) << 2
  let total: f64 = 0
  for (let row = 0; row < rows; row++) total += <f64>weightOf<F>(targets + <usize>row * targetStep, weights, row)
  const share = load<f32>(g) / <f32>total
  for (let row = 0; row < rows; row++) {
    const weight = weightOf<F>(targets, weights, row)
    if (weight == 0) memory.fill(out, 0, step)
    else rule.slope(out, x, targets, width, weight * share)
    out += step
    x += step
    targets += targetStep
  }
}

// @ts-ignore: decorator
@inline
function weightOf<F extends RowLoss>(targets: usize, weights: usize, row: i32): f32 {
  if (!changetype<F>(0).counts(targets)) return 0
  return weights ? load<f32>(weights + (<usize>row << 2)) : 1
}
