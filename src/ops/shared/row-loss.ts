import type { NumberArray } from '../../core/dtype.ts'
import { rowsAndWidth, type Shape, sameShape } from '../../core/shape.ts'
import {
  type Draw,
  defineOp,
  float,
  type OnnxContext,
  type OpDef,
  requireInputs,
  type SampleInput,
  type ValueType,
} from '../define.ts'
import { none } from './axes.ts'
import { INT64 } from './onnx.ts'
import { drawShape } from './repeat.ts'

// loss = Σ_r w[r] loss_r / Σ_r w[r]        x [rows…, width], targets, weights w [rows…] (all 1 unless given)
// dx[r] = g w[r] / Σ w · dloss_r/dx[r]; 0 where no row has a weight. Targets and weights are data: they have no gradient.

/** The loss of one row. */
interface RowLoss {
  readonly formula: string
  readonly slopeFormula: string
  /** Targets are ids [rows…], −1 for rows without one; or floats, one per prediction. */
  readonly targets: 'ids' | 'floats'
  /** The loss of the row of x, and of targets, that starts at `at` (ids: the row's own). */
  loss(x: NumberArray, at: number, width: number, targets: NumberArray, row: number): number
  /** Writes the derivative of that loss, times `factor`. */
  slope(
    out: NumberArray,
    x: NumberArray,
    at: number,
    width: number,
    targets: NumberArray,
    row: number,
    factor: number,
  ): void
  readonly sampleTargets?: Partial<SampleInput>
  /** [rows…], and [rows…, width]. */
  onnx(context: OnnxContext<unknown>): string
  onnxSlope(context: OnnxContext<unknown>): string
}

/**
 * The op that is the weighted mean of a loss of rows, and its gradient.
 * @example
 * import { rowLoss } from 'opsin/extend'
 * const [sumOfLogits] = rowLoss('me/sum', {
 *   formula: 'Σ_i x[r, i]',
 *   slopeFormula: '1',
 *   targets: 'floats',
 *   loss(x, at, width) {
 *     let sum = 0
 *     for (let i = at; i < at + width; i++) sum += x[i]
 *     return sum
 *   },
 *   slope: (out, _x, at, width, _targets, _row, factor) => void out.fill(factor, at, at + width),
 *   onnx: ({ names: [x], node, int64s }) => node('ReduceSum', [x, int64s([-1], [1])], { keepdims: 0 }),
 *   onnxSlope: ({ names: [x], node }) => node('Exp', [node('Sub', [x, x])]),
 * })
 * console.assert(sumOfLogits.name === 'me/sum')
 */
export function rowLoss<const Name extends string>(
  name: Name,
  rule: RowLoss,
): [OpDef<Name, Record<string, never>>, OpDef<`${Name}.vjp`, Record<string, never>>] {
  const expected = `x [rows…, width], targets ${rule.targets === 'ids' ? 'int [rows…]' : '[rows…, width]'} and perhaps weights [rows…]`
  const weightOf = (targets: NumberArray, weights: NumberArray | undefined, row: number) =>
    rule.targets === 'ids' && targets[row] < 0 ? 0 : (weights?.[row] ?? 1)
  const total = (targets: NumberArray, weights: NumberArray | undefined, rows: number) => {
    let sum = 0
    for (let r = 0; r < rows; r++) sum += weightOf(targets, weights, r)
    return sum
  }
  const forward = defineOp<Name, Record<string, never>>({
    name,
    formula: `loss = Σ_r w[r] (${rule.formula}) / Σ_r w[r]`,
    infer(inputs) {
      requireInputs(name, inputs, expected, fits(inputs, rule.targets))
      return float([])
    },
    forward(out, [x, targets, weights], { inputs }) {
      const [rows, width] = rowsAndWidth(inputs[0])
      let sum = 0
      for (let r = 0; r < rows; r++) {
        const weight = weightOf(targets, weights, r)
        if (weight !== 0) sum += weight * rule.loss(x, r * width, width, targets, r)
      }
      const all = total(targets, weights, rows)
      out[0] = all === 0 ? 0 : sum / all
    },
    vjp: ({ inputs, gradient, emit }, index) => (index === 0 ? emit(backward, [gradient, ...inputs]) : 'blocked'),
    axes: none,
    onnx(context) {
      const { node } = context
      const [weights, sum] = lowerWeights(rule, context)
      return node('Div', [node('ReduceSum', [node('Mul', [weights, rule.onnx(context)])], { keepdims: 0 }), sum])
    },
    sample: (draw) => ({ inputs: sampleRows(draw, rule), attrs: {} }),
  })
  const backward = defineOp<`${Name}.vjp`, Record<string, never>>({
    name: `${name}.vjp`,
    formula: `dx[r] = g w[r] / Σ w · (${rule.slopeFormula})`,
    infer(inputs) {
      const right = inputs.length > 1 && inputs[0].shape.length === 0 && fits(inputs.slice(1), rule.targets)
      requireInputs(`${name}.vjp`, inputs, `g [], ${expected}`, right)
      return float(inputs[1].shape)
    },
    forward(out, [g, x, targets, weights], { shape }) {
      const [rows, width] = rowsAndWidth(shape)
      const sum = total(targets, weights, rows)
      for (let r = 0; r < rows; r++) {
        const weight = weightOf(targets, weights, r)
        if (weight === 0) out.fill(0, r * width, (r + 1) * width)
        else rule.slope(out, x, r * width, width, targets, r, (g[0] * weight) / sum)
      }
    },
    vjp: 'none',
    // The sum of weights ties all rows together.
    axes: none,
    onnx(context) {
      const { node, int64s } = context
      const [g, ...names] = context.names
      const own = { ...context, names, inputs: context.inputs.slice(1) }
      const [weights, sum] = lowerWeights(rule, own)
      const factors = node('Unsqueeze', [node('Div', [node('Mul', [weights, g]), sum]), int64s([-1], [1])])
      return node('Mul', [factors, rule.onnxSlope(own)])
    },
    sample: (draw) => ({ inputs: [{ shape: [] }, ...sampleRows(draw, rule)], attrs: {} }),
  })
  return [forward, backward]
}

function fits([x, targets, weights]: readonly ValueType[], kind: RowLoss['targets']): boolean {
  if (x === undefined || targets === undefined || x.shape.length < 1 || x.dtype !== 'float') return false
  const rows = x.shape.slice(0, -1)
  const right =
    kind === 'ids' ? targets.dtype === 'int' && sameShape(targets.shape, rows) : sameFloats(targets, x.shape)
  return right && (weights === undefined || sameFloats(weights, rows))
}

function sameFloats({ dtype, shape }: ValueType, wanted: Shape): boolean {
  return dtype === 'float' && sameShape(shape, wanted)
}

function sampleRows(draw: Draw, { targets, sampleTargets }: RowLoss): SampleInput[] {
  const shape = drawShape(draw)
  const rows = shape.slice(0, -1)
  const ids: SampleInput = { shape: rows, below: shape[shape.length - 1], from: draw.pick([0, -1]) }
  const values = { shape, ...sampleTargets } as SampleInput
  return [{ shape }, targets === 'ids' ? ids : values, ...draw.pick([[], [{ shape: rows, positive: true }]])]
}

/** The weights of rows, 0 for those without a target, [rows…]; and their sum (1 if there is none), []. */
function lowerWeights(
  { targets: kind }: RowLoss,
  { names, node, floats, int64s, bools }: OnnxContext<unknown>,
): [string, string] {
  const [, targets, given] = names
  const one = floats([1], [])
  const counted = () => node('Not', [node('Less', [node('Cast', [targets], { to: INT64 }), int64s([0], [])])])
  const ones = () =>
    node('Where', [bools([1], []), one, node('ReduceSum', [targets, int64s([-1], [1])], { keepdims: 0 })])
  const weights = kind === 'ids' ? node('Where', [counted(), given ?? one, floats([0], [])]) : (given ?? ones())
  const sum = node('ReduceSum', [weights], { keepdims: 0 })
  const none = node('Equal', [sum, floats([0], [])])
  return [weights, node('Where', [none, floats([1], []), sum])]
}
