import type { ReadoutSite, Sizes } from '../architectures/define.ts'
import { type GivenInputs, requireInput } from '../architectures/given-inputs.ts'
import {
  check,
  type GivenOptions,
  type OptionsOf,
  type OptionTable,
  type Rule,
  readOptions,
  text,
} from '../core/check.ts'
import type { DType } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { aFunction, object } from '../core/fields.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { Feed, Feeder, NodeId } from '../graph/node.ts'
import type { OpDef } from '../ops/define.ts'

/** One read-out, as an objective sees it. */
export interface Predictions {
  /** [rows…, outputs] */
  readonly logits: NodeId
  /** [batch], for one that reads the last position; [batch, pos]. */
  readonly rows: Shape
  readonly outputs: number
  /** Adds a node: one of the house's ops by name, or any by its definition. */
  op(op: string | OpDef, inputs: readonly NodeId[], attrs?: object): NodeId
  /** An input, such as `targets`. That of a read-out with a name is called `targets/name` in the batch. */
  input(name: string, shape: Shape, feeder?: Feeder, dtype?: DType, feed?: Feed): NodeId
}

/** The read-outs of a model, with the names that inputs have for each. */
export interface ObjectivePlace {
  readonly builder: GraphBuilder
  /** By name; one alone has the name `''`. */
  readonly readouts: Readonly<Record<string, ReadoutSite>>
}

/** A loss: a scalar of a model's predictions and the batch's targets. */
export interface Objective {
  readonly kind: string
  /** Plain JSON: with {@link kind}, what rebuilds it. */
  readonly options: Readonly<Record<string, unknown>>
  /** Emits the loss, a scalar. @throws OpsinError `VALUE` for a model whose read-outs it does not fit. */
  emit(place: ObjectivePlace): NodeId
  /** Throws OpsinError `SHAPE` for targets that are missing or do not fit, `VALUE` for those that make no sense. */
  check(inputs: GivenInputs, readouts: ObjectivePlace['readouts'], sizes: Sizes): void
}

/** Gives an input of this read-out, and what it is called in the batch. @throws OpsinError `SHAPE`. */
type ReadInput = (name: string, shape: readonly (number | null)[]) => { readonly name: string; readonly tensor: Tensor }

/** The loss of one read-out. */
interface Loss {
  emit(predictions: Predictions): NodeId
  /** @param rows the shape of the read-out's rows; `null` where the inputs alone do not tell. */
  check?(read: ReadInput, rows: readonly (number | null)[], outputs: number): void
}

/** A kind of objective: called with its options it makes one. */
export interface ObjectiveKind<Table extends OptionTable = any> {
  (options?: GivenOptions<Table>): Objective
  readonly kind: string
  readonly table: Table
}

/**
 * Defines a loss of one read-out.
 *
 * @throws OpsinError, where one is made, `NAME` for an option that does not exist and `VALUE` for one that does not fit.
 * @example
 * import { defineObjective } from 'opsin/extend'
 * const sumOfLogits = defineObjective('me/sum', {}, () => ({
 *   emit: ({ logits, op }) => op('reduce-sum', [logits], { shape: [] }),
 * }))
 * console.assert(sumOfLogits().kind === 'me/sum')
 */
export function defineObjective<const Table extends OptionTable>(
  kind: string,
  table: Table,
  make: (options: OptionsOf<Table>) => Loss,
): ObjectiveKind<Table> {
  const factory = (given: object = {}): Objective => {
    const options = readOptions(kind, given, table)
    const loss = make(options)
    return {
      kind,
      options,
      emit: (place) => loss.emit(predictionsOf(place, ...onlyOne(kind, place.readouts))),
      check(inputs, readouts, { batch }) {
        const [name, { at, outputs }] = onlyOne(kind, readouts)
        const read: ReadInput = (input, shape) => {
          const whole = inputName(input, name)
          return { name: whole, tensor: requireInput(inputs, whole, shape) }
        }
        loss.check?.(read, at === 'last' ? [batch] : [batch, null], outputs)
      },
    }
  }
  return Object.assign(factory, { kind, table })
}

/** The name of a read-out's input in the batch. */
export function inputName(input: string, readout: string): string {
  return readout === '' ? input : `${input}/${readout}`
}

function onlyOne(kind: string, readouts: ObjectivePlace['readouts']): [string, ReadoutSite] {
  const all = Object.entries(readouts)
  if (all.length === 1) return all[0]
  throw new OpsinError('VALUE', {
    where: `objective "${kind}"`,
    expected: 'a model with one read-out',
    got: all.length === 0 ? 'none' : all.map(([name]) => name).join(', '),
    hint: 'Say what each is worth with weightedSum({ name: { objective, weight } }).',
  })
}

function predictionsOf({ builder }: ObjectivePlace, name: string, { logits, outputs, at }: ReadoutSite): Predictions {
  const id = builder.pointId(logits)
  const { shape } = builder.node(id)
  const rows = at === 'last' ? shape.slice(0, 1) : shape.slice(0, 2)
  const op: Predictions['op'] = (op, inputs, attrs) => builder.op(op, inputs, attrs)
  return {
    // Made when asked for, so that inputs which are declared first come first.
    get logits() {
      return op('reshape', [id], { shape: [...rows, outputs] })
    },
    rows,
    outputs,
    op,
    input: (input, own, feeder = 'batch', dtype = 'float', feed) =>
      builder.findInput(inputName(input, name)) ?? builder.input(inputName(input, name), own, feeder, dtype, feed),
  }
}

/** Gives an objective back. @throws OpsinError `VALUE` for anything else. */
export function requireObjective(where: string, objective: Objective): Objective {
  return check(where, objective, anObjective)
}

/** The rule for an objective. */
export const anObjective: Rule<Objective> = {
  expected: 'an objective, such as crossEntropy()',
  fits(value) {
    const { kind, options, emit, check } = (value ?? {}) as Partial<Objective>
    return text.fits(kind) && object.fits(options) && aFunction.fits(emit) && aFunction.fits(check)
  },
}
