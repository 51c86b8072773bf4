import { floatArray, type NumberArray, type Precision } from '../../src/core/dtype.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { GraphBuilder } from '../../src/graph/build.ts'
import type { InputNode, NodeId } from '../../src/graph/node.ts'
import type { KernelCall, OpDef, ValueType } from '../../src/ops/define.ts'
import { drawFrom, type SampleValue, sampleValues } from '../../src/testing/index.ts'

/** One random use of an op: attributes, inputs with values, and the type its `infer` gives the output. */
export interface OpCase {
  readonly op: OpDef
  readonly values: readonly SampleValue[]
  readonly type: ValueType
  readonly call: KernelCall<any>
}

export function drawCase(op: OpDef, seed: number, precision: Precision): OpCase {
  const { inputs, attrs } = op.sample(drawFrom(seed))
  return caseOf(op, sampleValues(inputs, seed, precision), attrs)
}

export function caseOf(op: OpDef, values: readonly SampleValue[], attrs: object): OpCase {
  const type = op.infer(
    values.map((value) => value.type),
    attrs,
  )
  return { op, values, type, call: { attrs, inputs: values.map((value) => value.type.shape), shape: type.shape } }
}

/** The input over which an op may write its output, if there is one. */
export function overOf({ memory }: OpDef): number | undefined {
  return typeof memory === 'object' ? memory.over : undefined
}

/** The case with other numbers in one input. */
export function withInput(opCase: OpCase, index: number, data: NumberArray): OpCase {
  return { ...opCase, values: opCase.values.map((value, i) => (i === index ? { ...value, data } : value)) }
}

/** An output buffer for the case, filled with what no kernel should leave there. */
export function emptyOutput({ type }: OpCase, precision: Precision): NumberArray {
  const length = sizeOf(type.shape)
  if (type.dtype === 'int') return new Int32Array(length).fill(-0x7fffffff)
  return floatArray(precision, length).fill(Number.NaN)
}

/** The op's own `forward` on the case. */
export function referenceOutput(opCase: OpCase, precision: Precision): NumberArray {
  const out = emptyOutput(opCase, precision)
  opCase.op.forward(
    out,
    opCase.values.map(({ data }) => data),
    opCase.call,
  )
  return out
}

export const inputName = (index: number) => `x${index}`

/** The case as nodes; gives the op's node. */
export function buildCase(
  builder: GraphBuilder,
  { op, values, call }: OpCase,
  feeder: (index: number) => InputNode['feeder'] = () => 'batch',
): NodeId {
  const inputs = values.map(({ type }, i) => builder.input(inputName(i), type.shape, feeder(i), type.dtype))
  return builder.op(op.name, inputs, call.attrs)
}

/** By input: whether the op's gradient reaches it. */
export function reachedInputs(opCase: OpCase): boolean[] {
  const { vjp } = opCase.op
  if (vjp === 'none' || opCase.type.dtype !== 'float') return opCase.values.map(() => false)
  const builder = new GraphBuilder()
  const output = buildCase(builder, opCase)
  const gradient = builder.input('gradient', opCase.type.shape)
  const inputs = opCase.values.map((_, i) => i)
  const context = {
    attrs: opCase.call.attrs,
    inputs,
    output,
    gradient,
    shapeOf: (ref: NodeId) => builder.node(ref).shape,
    emit: builder.op.bind(builder),
  }
  return opCase.values.map(({ type }, i) => type.dtype === 'float' && vjp(context, i) !== 'blocked')
}

/**
 * The largest difference over the largest value; values below a tenth of the inputs count as a tenth, because sums
 * that cancel keep the rounding of their terms.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, { values }: OpCase): number {
  const inputs = values.map(({ type, data }) => (type.dtype === 'float' ? largest(data) : 0))
  const scale = Math.max(largest(expected), 0.1 * Math.max(0, ...inputs), Number.MIN_VALUE)
  let difference = 0
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) difference = Math.max(difference, Math.abs(actual[i] - expected[i]))
  }
  return difference / scale
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  )
}
