import type { Tensor } from 'opsin'
import { repeatEach, shaped, sigmoidOf, square, sumLast, times } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { einsum, leaf, map, pick, plus, type Value } from './tape.ts'

/** The loss of one read-out: the mean over its rows, by their weights where the batch has some; 0 where none counts. */
export function lossOf(json: PartJson, logits: Value, targets: Tensor, weights: Tensor | undefined): Value {
  const outputs = logits.shape[2]
  const rows = logits.data.length / outputs
  const ofIds = json.kind === 'cross-entropy' && json.targets === 'ids'
  // Rows whose target is −1 do not count.
  const counted = Array.from({ length: rows }, (_, row) => row).filter((row) => !ofIds || targets.data[row] >= 0)
  if (counted.length === 0) return leaf([], [0])
  const own = (i: number) => counted[Math.floor(i / outputs)] * outputs + (i % outputs)
  const x = pick(logits, [counted.length, outputs], own)
  const worth = counted.map((row) => (json.weights ? Number(weights?.data[row]) : 1))
  const total = worth.reduce((a, b) => a + b, 0)
  const losses = ofIds
    ? surprises(
        x,
        counted.map((row) => targets.data[row]),
      )
    : rowLosses[json.kind](
        x,
        leaf(
          x.shape,
          Array.from(x.data, (_, i) => targets.data[own(i)]),
        ),
      )
  return einsum(
    'r,r->',
    losses,
    leaf(
      [counted.length],
      worth.map((one) => (total === 0 ? 0 : one / total)),
    ),
  )
}

/** By kind of loss: that of each row, from logits and targets of one shape. */
const rowLosses: Readonly<Record<string, (x: Value, targets: Value) => Value>> = {
  'cross-entropy': (x, targets) => sumLast(times(targets, plus(repeatEach(logSumExp(x), x.shape), x, -1))),
  'squared-error': (x, targets) => sumLast(square(plus(x, targets, -1)), 1 / x.shape[1]),
  'binary-cross-entropy': (x, targets) =>
    sumLast(plus(map(x, softplus, sigmoidOf), times(targets, x), -1), 1 / x.shape[1]),
}

/** log(1 + e^x) */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** −log softmax at the targets, from differences to the right logit. */
function surprises(x: Value, targets: readonly number[]): Value {
  const outputs = x.shape[1]
  const right = pick(x, [targets.length], (r) => r * outputs + targets[r])
  return logSumExp(plus(x, repeatEach(right, x.shape), -1))
}

function logSumExp(x: Value): Value {
  const [rows, width] = x.shape
  const top = leaf(
    [rows],
    Array.from({ length: rows }, (_, r) => Math.max(...x.data.slice(r * width, (r + 1) * width))),
  )
  const exps = map(plus(x, repeatEach(top, x.shape), -1), Math.exp, (_, y) => y)
  return plus(
    shaped(
      map(sumLast(exps), Math.log, (s) => 1 / s),
      [rows],
    ),
    top,
  )
}
