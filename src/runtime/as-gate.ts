import type { Model, Sizes } from '../architectures/define.ts'
import type { Numbered } from '../compile/intervene.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { philox, streams } from '../core/rng.ts'
import { type Shape, showShape, sizeOf } from '../core/shape.ts'
import { GraphBuilder } from '../graph/build.ts'
import type { InputNode } from '../graph/node.ts'
import type { InputArrays } from '../inference/inputs.ts'
import { largestDifference } from '../inference/largest-difference.ts'
import type { Receipt } from '../inference/receipts.ts'
import { applyInterventions, type Splice, splicePoint } from '../interventions/apply.ts'
import { showSite } from '../interventions/at.ts'
import { evaluate } from './evaluate.ts'

/** The effect of interventions on one point: an affine function of each element. */
export interface GateValues {
  readonly gate: Float32Array
  readonly value: Float32Array
  /** 1 where an element is written. */
  readonly mask: Uint8Array
  /** The effect of each intervention, given the point's value before the gate. */
  receipts(before: NumberArray): Receipt[]
}

/** A model at some sizes on some inputs: where interventions take effect. */
export interface GateContext {
  readonly model: Model
  readonly sizes: Sizes
  readonly known: ReadonlyMap<string, InputNode>
  readonly inputs: InputArrays
  /** Forms of interventions that are known to be affine. */
  readonly lines: Set<string>
}

/** The input that stands for the point's value. */
const VALUE = 'gate/value'

/**
 * Interventions on one point, in their order, as a gate's numbers. They are spliced onto a graph in which the point's value is an input.
 * Its values at 0 and at 1 give an affine function of each element; other numbers check that the graph computes that function.
 *
 * @throws OpsinError `VALUE` for interventions that read other points, or are not affine.
 */
export function asGate(context: GateContext, list: readonly Numbered[], shape: Shape): GateValues {
  const { graph, splices, form } = spliceAlone(context, list, shape)
  const [{ intervention }] = list
  const inputs = Object.entries(context.inputs).map(([name, { data }]) => [name, data] as const)
  const at = (x: NumberArray) => evaluate(graph, new Map([...inputs, [VALUE, x]]))
  const final = graph.points[intervention.at.point]
  const n = sizeOf(shape)
  const [zero, one] = [0, 1].map((x) => at(new Float64Array(n).fill(x))[final])
  if (!context.lines.has(form)) requireLine((x) => at(x)[final], zero, one, list)
  context.lines.add(form)
  return {
    ...lineThrough(zero, one),
    receipts(before) {
      const values = at(before)
      return list.map((one) => receiptOf(one, splices, (name) => values[graph.points[name]]))
    },
  }
}

/** A gate's numbers from the values at 0 and at 1. A loop: `from` with a function takes ten times as long. */
function lineThrough(zero: NumberArray, one: NumberArray): Pick<GateValues, 'gate' | 'value' | 'mask'> {
  const [gate, mask] = [new Float32Array(zero.length), new Uint8Array(zero.length)]
  for (let i = 0; i < zero.length; i++) {
    gate[i] = 1 - (one[i] - zero[i])
    mask[i] = Number(zero[i] !== 0 || one[i] !== 1)
  }
  return { value: new Float32Array(zero), gate, mask }
}

/** A graph of one point, with the inputs of the model beside it. */
function spliceAlone({ model, sizes, known }: GateContext, list: readonly Numbered[], shape: Shape) {
  const builder = new GraphBuilder()
  for (const node of known.values()) builder.copy(node)
  builder.point(list[0].intervention.at.point, builder.input(VALUE, shape, 'given'))
  try {
    const { graph, splices, form } = applyInterventions(builder.build(), model, sizes, list, true)
    return { graph: graph(), splices, form: `${showShape(shape)} ${form()}` }
  } catch (cause) {
    throw noGate(list, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** A function that is not affine shows it at one of these scales: usual, small and large numbers of both signs. */
const SCALES = [1, 0.01, 100]

/** Far above the rounding of doubles, far below that of a file's floats. */
const TOLERANCE = 1e-9

function requireLine(
  f: (x: NumberArray) => NumberArray,
  zero: NumberArray,
  one: NumberArray,
  list: readonly Numbered[],
): void {
  const random = philox(0, streams.noise)
  for (const [i, scale] of SCALES.entries()) {
    const x = random.fillNormal(new Float64Array(zero.length), i, 0).map((value) => scale * value)
    f(x).forEach((y, at) => {
      const line = zero[at] + (one[at] - zero[at]) * x[at]
      const size = Math.max(Math.abs(zero[at]), Math.abs(x[at]), Math.abs(y))
      if (Math.abs(y - line) <= TOLERANCE * size) return
      throw noGate(list, 'one that is no straight line of the value that it writes')
    })
  }
}

function receiptOf(
  { index, intervention: { kind, at } }: Numbered,
  splices: readonly Splice[],
  valueAt: (point: string) => NumberArray,
): Receipt {
  const [before, after] = (['before', 'after'] as const).map((when) => valueAt(splicePoint(index, when)))
  const elements = splices.find((splice) => splice.index === index)?.elements ?? 0
  return { index, kind, at: showSite(at), fired: 1, elements, largestChange: largestDifference(before, after) }
}

/** The error for interventions that a gate cannot stand for. */
export function noGate(list: readonly Numbered[], got: string, cause?: unknown): OpsinError {
  const shown = list.map(({ index, intervention: { kind, at } }) => `interventions[${index}] (${kind} ${showSite(at)})`)
  return new OpsinError('VALUE', {
    where: shown.join(', '),
    expected: 'for a gate: a multiple of the value that is written, and numbers that are known beforehand',
    got,
    hint: 'Make it part of the file: exportOnnx(model, parameters, { interventions: […] }).',
    cause,
  })
}
