import type { DType, NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { type Shape, showShape } from '../core/shape.ts'

/** The type of a node's value: its shape and whether it holds floats or integers. */
export interface ValueType {
  readonly shape: Shape
  readonly dtype: DType
}

/** Arguments of a kernel besides its buffers. */
export interface KernelCall<Attrs> {
  readonly attrs: Attrs
  /** Shapes of the inputs, in order. */
  readonly inputs: readonly Shape[]
  /** Shape of the output. */
  readonly shape: Shape
}

/** Rows along an axis. */
export interface Rows {
  readonly axis: number
  readonly indices: readonly number[]
}

/** An op as a nest of loops. Shorthands for what most ops are: `shared/axes.ts`. */
export interface Axes<Attrs = any> {
  /** A loop for each axis of the output; `null` where its rows depend on one another. */
  readonly output: readonly (Loop<Attrs> | null)[]
  /**
   * Loops over what the op sums, products of the inputs' elements: the axis of each input, as in {@link Loop.over}. What is
   * zero there in one input can be left out of all.
   */
  readonly summed?: readonly Loop<Attrs>['over'][]
  /**
   * The inputs in which, all else fixed, the output is linear without a constant term: rows of zeros in one of them are
   * rows of zeros in the output.
   */
  readonly linear?: readonly number[]
}

/**
 * A loop over an axis of the output. Row i of the output depends on nothing but row i of some inputs, and on others as a
 * whole. An axis that is longer or shorter by a factor holds the same rows in blocks, as one of heads · d_head holds those
 * of one of heads.
 */
export interface Loop<Attrs = any> {
  /** By input the axis that holds the rows; `null`: the input is read whole by every row. */
  readonly over: readonly (number | null)[]
  /** The attributes of the op for these rows alone; needed where attributes hold a shape or say which rows they are. */
  readonly attrs?: (attrs: Attrs, rows: readonly number[]) => Attrs
  /** A row's place matters too (a causal mask, rotary positions); `attrs` tells the op for some rows which they are. */
  readonly placed?: true
}

/** An op that does nothing but move rows. */
export type Moves<Attrs> =
  /** It selects these rows of its input. */
  | { readonly kind: 'take'; readonly rows: (attrs: Attrs) => Rows }
  /** It puts the rows of its input among zeros, at these places. */
  | { readonly kind: 'put'; readonly rows: (attrs: Attrs) => Rows }
  /** It looks up rows of a table, input 0, by ids, input 1: the axes of the ids come in place of the table's first. */
  | { readonly kind: 'gather' }

/** A cheaper equal of a node. What each kind may do, and when it is asked, is the business of the pass of that name. */
export type Rewrite<Attrs> =
  /** One op in place of several: legal only where nothing reads or writes the hook points inside. */
  | { readonly kind: 'fuse'; readonly offer: OfferRule<Attrs> }
  /**
   * What is left of a node where little is (an overwrite of nothing, a row taken from where it was put), or which value it
   * is anyway.
   */
  | { readonly kind: 'simplify'; readonly offer: OfferRule<Attrs, Replacement | Ref> }
  /** The same product of matrices with its factors multiplied in another order, where that costs less. */
  | { readonly kind: 'reassociate'; readonly offer: OfferRule<Attrs> }
  /** Of inputs that are look-ups in tables: one look-up in another table. */
  | { readonly kind: 'lookup'; readonly offer: OfferRule<Attrs> }

/**
 * What a planner may save: `view`, the output is input 0 with another shape, no bytes move; `pack`, the output is the
 * inputs, one after the other, which may be computed there at once; `over`, that input may share its buffer with the
 * output, each element is read before its place is written.
 */
export type Memory = 'view' | 'pack' | { readonly over: number }

/** A node of the graph under construction. */
export type Ref = number

/** The arguments of an op's gradient rule: all are nodes, and it emits nodes. */
export interface VjpContext<Attrs> {
  readonly attrs: Attrs
  /** The forward node's inputs. */
  readonly inputs: readonly Ref[]
  /** The forward node's value. */
  readonly output: Ref
  /** dL/d(output). */
  readonly gradient: Ref
  shapeOf(ref: Ref): Shape
  /** Adds a node: one of the house's ops by name, or any by its definition. */
  emit(op: string | OpDef, inputs: readonly Ref[], attrs?: object): Ref
}

/** The arguments of an op's ONNX lowering; values are names. Opset 17. */
export interface OnnxContext<Attrs> extends KernelCall<Attrs> {
  readonly names: readonly string[]
  /** Adds an ONNX node with one output and gives that output's name. */
  node(type: string, inputs: readonly string[], attributes?: OnnxAttributes): string
  floats(values: ArrayLike<number>, shape: Shape): string
  /** In double precision; the values of the graph are in single. */
  doubles(values: ArrayLike<number>, shape: Shape): string
  int64s(values: ArrayLike<number>, shape: Shape): string
  bools(values: ArrayLike<number>, shape: Shape): string
}

export type OnnxAttributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>

/**
 * How to make one input of a sample: floats are normal (or `positive`, in [0.5, 1.5], or `binary`, 0 or 1), ints are
 * at least `from` (default 0) and below `below`.
 */
export type SampleInput =
  | { readonly shape: Shape; readonly positive?: boolean; readonly binary?: boolean }
  | { readonly shape: Shape; readonly below: number; readonly from?: number; readonly distinct?: boolean }

export interface Sample<Attrs> {
  readonly inputs: readonly SampleInput[]
  readonly attrs: Attrs
}

/** Random choices for {@link OpDef.sample}; sizes include 1 and non-multiples of 4. */
export interface Draw {
  /** A size of an axis, 1 to `max` (default 9). */
  size(max?: number): number
  int(min: number, max: number): number
  number(min: number, max: number): number
  pick<const T>(options: readonly T[]): T
}

/**
 * Everything an op means. Its tests are written from this alone: the gradient against f64 central differences, each
 * backend against `forward`, every entry of `axes` on random rows, the lowering against ONNX Runtime.
 */
export interface OpDef<Name extends string = string, Attrs = any> {
  readonly name: Name
  /** The forward formula, in axis words; the gradient's formula too where it is not obvious. */
  readonly formula: string
  /** The type of the output; throws an {@link OpsinError} for inputs that do not fit. */
  infer(inputs: readonly ValueType[], attrs: Attrs): ValueType
  /** The reference kernel: right, and slow on purpose. Assigns every element of `out`. */
  forward(out: NumberArray, inputs: readonly NumberArray[], call: KernelCall<Attrs>): void
  /**
   * The gradient of input `index`, as nodes; asked only for float inputs that need one. `'blocked'` says that the
   * gradient is zero by rule. `'none'` in place of the function says that the op has no gradient: asking throws.
   */
  readonly vjp: 'none' | ((context: VjpContext<Attrs>, index: number) => Ref | 'blocked')
  /** Its loop nest in one use: which rows can be computed alone, what is summed, in what it is linear. */
  axes(call: KernelCall<Attrs>): Axes<Attrs>
  onnx(context: OnnxContext<Attrs>): string
  sample(draw: Draw): Sample<Attrs>
  readonly moves?: Moves<Attrs>
  /** The first of a kind that has something to offer is taken. */
  readonly rewrites?: readonly Rewrite<Attrs>[]
  readonly memory?: Memory
}

/** Given a node and how to look at what it reads, says what to emit in its place. */
export type OfferRule<Attrs, Offer = Replacement> = (node: OfferNode<Attrs>, view: OfferView) => Offer | undefined

export interface OfferView {
  /** The node that computes a value; `undefined` for inputs, and for values that are read by their name. */
  look(ref: Ref): OfferNode<any> | undefined
  shapeOf(ref: Ref): Shape
}

/** A node as a rewrite sees it. */
export interface OfferNode<Attrs> {
  readonly op: string
  readonly attrs: Attrs
  readonly inputs: readonly Ref[]
  readonly shape: Shape
}

/** A small expression to stand in a node's place. */
export interface Replacement {
  readonly op: string | OpDef
  readonly attrs: object
  readonly inputs: readonly (Ref | Replacement)[]
}

/**
 * Keeps the literal name and the attribute type of a definition, and keeps it out of the JSON form of graphs.
 * @example
 * import { defineOp, eachElement, float, requireInputs } from 'opsin/extend'
 * const half = defineOp({
 *   name: 'me/half',
 *   formula: 'y = x / 2',
 *   infer(inputs) {
 *     requireInputs('me/half', inputs, 'one float', inputs.length === 1)
 *     return float(inputs[0].shape)
 *   },
 *   forward(out, [x]) {
 *     for (let i = 0; i < out.length; i++) out[i] = x[i] / 2
 *   },
 *   vjp: ({ gradient, emit }) => emit('multiply', [gradient, emit('constant', [], { shape: [1], value: 0.5 })]),
 *   axes: eachElement({ linear: [0] }),
 *   onnx: ({ names: [x], node, floats }) => node('Mul', [x, floats([0.5], [])]),
 *   sample: (draw) => ({ inputs: [{ shape: [draw.size()] }], attrs: {} }),
 * })
 */
export function defineOp<const Name extends string, Attrs = Record<string, never>>(
  definition: OpDef<Name, Attrs>,
): OpDef<Name, Attrs> {
  return Object.assign(definition, { toJSON: () => undefined })
}

/**
 * A float type of the given shape.
 * @example
 * import { float } from 'opsin/extend'
 * console.assert(float([2, 3]).dtype === 'float')
 */
export function float(shape: Shape): ValueType {
  return { shape, dtype: 'float' }
}

/**
 * Throws unless the condition holds; the message shows all input shapes.
 * @example
 * import { float, requireInputs } from 'opsin/extend'
 * const inputs = [float([2])]
 * requireInputs('me/op', inputs, 'one value', inputs.length === 1)
 */
export function requireInputs(op: string, inputs: readonly ValueType[], expected: string, condition: boolean): void {
  if (condition) return
  throw new OpsinError('SHAPE', {
    where: op,
    expected,
    got: inputs.map(({ shape, dtype }) => `${dtype} ${showShape(shape)}`).join(', ') || 'no inputs',
  })
}
