import { type GivenOptions, type OptionsOf, type OptionTable, readOptions } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import type { DType } from '../core/dtype.ts'
import { internal } from '../core/errors.ts'
import type { Shape } from '../core/shape.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { Feed, Feeder, NodeId } from '../graph/node.ts'
import type { Draw, OpDef } from '../ops/define.ts'
import type { HookPoint, ParameterSpec, Sizes } from './define.ts'

/** Hook points by their names inside a part. */
export type PointTable = Readonly<Record<string, HookPoint>>

/**
 * Whatever emits nodes of a model. A part does not know where it stands: its names (of parameters, hook points and inputs)
 * are local, and the model puts `blocks.0.` in front of them.
 */
export interface Part<Points extends PointTable = PointTable, At = number> {
  readonly kind: string
  /** Plain JSON: with {@link kind}, what rebuilds the part. */
  readonly options: Readonly<Record<string, unknown>>
  /** Its hook points in firing order, given d_model of the values that come in. */
  points(at: At): Points
  /** Its parameters, in the order in which they lie in memory. */
  parameters(at: At): readonly ParameterSpec[]
}

/** A part of any family. */
export type AnyPart = Part<PointTable, any>

/** A kind of part: called with its options it makes one. */
export interface PartKind<Table extends OptionTable = any, Made extends AnyPart = AnyPart> {
  (
    ...given: Record<string, never> extends GivenOptions<Table>
      ? [options?: GivenOptions<Table>]
      : [options: GivenOptions<Table>]
  ): Made
  readonly kind: Made['kind']
  /** The rules of its options. */
  readonly table: Table
  /** Random options that make sense, for the tests of all parts. */
  readonly sample: Sample<Table>
}

/** Draws options of a part for values that are a multiple of 4 wide. */
export type Sample<Table extends OptionTable> = (draw: Draw) => GivenOptions<Table>

/** A part without its name, made from the options of its kind. */
export type Body<Family extends AnyPart> = Omit<Family, 'kind' | 'options'>

export interface Identity<Kind extends string> {
  readonly kind: Kind
  readonly options: Part['options']
}

/**
 * The function that defines parts of one family (norms, mixers, …), each by its name, its options, what they make, and random
 * options for the tests of all parts (default none).
 *
 * @throws OpsinError, where a part is made, `NAME` for an option that does not exist and `VALUE` for one that does not fit.
 */
export function definerOf<Family extends AnyPart>() {
  return <const Kind extends string, const Table extends OptionTable, Made extends Body<Family>>(
    kind: Kind,
    table: Table,
    make: (options: OptionsOf<Table>) => Made,
    sample: Sample<Table> = () => ({}) as GivenOptions<Table>,
  ): PartKind<Table, Made & Identity<Kind>> => {
    const factory = (given: object = {}) => {
      const options = readOptions(kind, given, table)
      return { ...make(options), kind, options: optionsJson(options) }
    }
    return Object.assign(factory as unknown as PartKind<Table, Made & Identity<Kind>>, { kind, table, sample })
  }
}

/** Options as JSON: parts among them become their own JSON, and what was left out stays out. */
function optionsJson(options: object): Part['options'] {
  const json = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(json)
    return isPart(value) ? partJson(value) : value
  }
  return Object.fromEntries(Object.entries(defined(options)).map(([name, value]) => [name, json(value)]))
}

function isPart(value: unknown): value is AnyPart {
  return typeof value === 'object' && value !== null && 'kind' in value && 'options' in value
}

/** The place in a model in which a part emits its nodes. */
export interface Place extends Surroundings {
  /** d_model of the values that come in. */
  readonly width: number
  /** Adds a node: one of the house's ops by name, or any by its definition. */
  op(op: string | OpDef, inputs: readonly NodeId[], attrs?: object): NodeId
  /** One of the part's parameters. */
  parameter(name: string): NodeId
  /** x [rows…, in] times the parameter `name.weight` [in, out], plus `name.bias` on request. */
  linear(x: NodeId, name: string, bias?: boolean): NodeId
  /** Names one of the part's hook points. Everything downstream has to read the node that this gives back. */
  point(name: string, id: NodeId): NodeId
  /** An input of the model. Its name is the same wherever the part stands, so two parts may read one input. */
  input(name: string, shape: Shape, feeder: Feeder, dtype?: DType, feed?: Feed): NodeId
  shapeOf(id: NodeId): Shape
  /** The place of a part inside this one, or of one on values of another width. */
  inside(prefix: string, width?: number): Place
}

/** State that all places of one model share. */
export interface Surroundings {
  readonly builder: GraphBuilder
  readonly sizes: Sizes
  readonly batch: number
  /** How many positions a sequence has. */
  readonly length: number
  readonly causal: boolean
  /** Whether queries may attend to later keys once somebody gives them scores. */
  readonly looksAhead: boolean
}

/** The place of a model as a whole; the places of its parts lie inside. */
export function placeOf(around: Surroundings, width = 0): Place {
  const named = new Set<NodeId>()
  return makePlace(around, named, '', width)
}

function makePlace(around: Surroundings, named: Set<NodeId>, prefix: string, width: number): Place {
  const { builder } = around
  const parameter = (name: string) => {
    const id = builder.findInput(prefix + name)
    if (id === undefined) throw internal('a part', 'a declared parameter', prefix + name)
    return id
  }
  return {
    ...around,
    width,
    op: (op, inputs, attrs) => builder.op(op, inputs, attrs),
    parameter,
    linear(x, name, bias = false) {
      const inputs = [x, parameter(`${name}.weight`)]
      return builder.op('linear', bias ? [...inputs, parameter(`${name}.bias`)] : inputs)
    },
    point(name, id) {
      // One that has a name already (a block's input is the last one's output) becomes a node of its own; so does an input
      // of the model, which all replicas share.
      const own =
        named.has(id) || builder.node(id).kind === 'input'
          ? builder.op('reshape', [id], { shape: builder.node(id).shape })
          : id
      named.add(own)
      return builder.point(prefix + name, own)
    },
    input: (name, shape, feeder, dtype, feed) =>
      builder.findInput(name) ?? builder.input(name, shape, feeder, dtype, feed),
    shapeOf: (id) => builder.node(id).shape,
    inside: (more, wide = width) => makePlace(around, named, prefix + more, wide),
  }
}

/** The JSON form of a part. */
export function partJson({ kind, options }: Pick<AnyPart, 'kind' | 'options'>): Readonly<Record<string, unknown>> {
  return { kind, ...options }
}

/** The part's parameters under their whole names. */
export function parametersAt<At>(prefix: string, part: Part<PointTable, At> | undefined, at: At): ParameterSpec[] {
  return (part?.parameters(at) ?? []).map((spec) => ({ ...spec, name: prefix + spec.name }))
}

/** The part's hook points under their whole names. */
export function pointsAt<At>(prefix: string, part: Part<PointTable, At> | undefined, at: At): [string, HookPoint][] {
  return Object.entries(part?.points(at) ?? {}).map(([name, point]) => [prefix + name, point])
}

/** The hook points of a part, as a type. */
export type PointsOf<P> = P extends { points(at: any): infer Points } ? Points : unknown

/** All of a union at once. */
export type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never
