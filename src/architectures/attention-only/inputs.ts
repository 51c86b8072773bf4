import { check, count, oneOf, type Rule, readOptions, requireObject } from '../../core/check.ts'
import { named } from '../../core/nearest.ts'
import { show } from '../../core/show.ts'
import type { GraphBuilder } from '../../graph/build.ts'
import type { NodeId } from '../../graph/node.ts'
import type { ParameterSpec, Positions, Sizes } from '../define.ts'
import { leCunNormal, zeros } from '../initializers/index.ts'
import { type GivenInputs, requireBelow, requireInput } from './given-inputs.ts'

/** What a sequence is made of. */
export type Inputs =
  /**
   * Exemplars (feature vectors) and their labels take turns, and a query exemplar ends the sequence:
   * exemplar 1, label 1, …, exemplar P, label P, query. [Singh et al. 2024]
   */
  | { readonly kind: 'exemplars'; readonly features: number; readonly labels: number }
  /** Ids of a vocabulary. */
  | { readonly kind: 'tokens'; readonly vocab: number }

/** One kind of input: its parameters, its graph, and the words for its positions. */
interface InputKind<Kind extends Inputs> {
  /** What its fields may be. */
  readonly options: Readonly<Record<keyof Kind, Rule<any>>>
  parameters(inputs: Kind, dModel: number): ParameterSpec[]
  /** Emits the embedding, [batch, pos, d_model]. */
  embed(builder: GraphBuilder, parameter: (name: string) => NodeId, inputs: Kind, sizes: Sizes): NodeId
  /** The sizes of given inputs, once they are known to fit. */
  sizes(inputs: Kind, given: GivenInputs, readout: 'last' | 'all'): Sizes
  length(sizes: Sizes): number
  positions(sizes: Sizes): Positions
  vocab(inputs: Kind): number
}

const exemplars: InputKind<Extract<Inputs, { kind: 'exemplars' }>> = {
  options: { kind: oneOf('exemplars'), features: count(2 ** 20), labels: count(2 ** 24) },
  parameters: ({ features, labels }, dModel) => [
    { name: 'embed.exemplar.weight', shape: [features, dModel], initializer: leCunNormal(features) },
    { name: 'embed.exemplar.bias', shape: [dModel], initializer: zeros },
    {
      name: 'embed.label.weight',
      shape: [labels, dModel],
      initializer: { kind: 'truncated-normal', deviation: 0.02 },
    },
  ],
  embed(builder, parameter, { features }, sizes) {
    const [batch, pairs, rows] = [need(sizes, 'batch'), need(sizes, 'pairs'), need(sizes, 'rows')]
    const table = builder.input('features', [rows, features])
    const ids = builder.input('exemplars', [batch, pairs + 1], 'data', 'int')
    const labels = builder.input('labels', [batch, pairs], 'data', 'int')
    const exemplar = builder.op('linear', [
      builder.op('gather', [table, ids]),
      parameter('embed.exemplar.weight'),
      parameter('embed.exemplar.bias'),
    ])
    return builder.op('interleave', [exemplar, builder.op('gather', [parameter('embed.label.weight'), labels])])
  },
  sizes({ features, labels: labelCount }, given, readout) {
    const table = requireInput(given, 'features', [null, features])
    const labels = requireInput(given, 'labels', [null, null])
    const [batch, pairs] = labels.shape
    const [rows] = table.shape
    requireBelow('labels', labels, labelCount)
    requireBelow('exemplars', requireInput(given, 'exemplars', [batch, pairs + 1]), rows)
    const targets = readout === 'last' ? [batch] : [batch, 2 * pairs + 1]
    requireBelow('targets', requireInput(given, 'targets', targets), labelCount, -1)
    return { batch, pairs, rows }
  },
  length: (sizes) => 2 * need(sizes, 'pairs') + 1,
  positions(sizes) {
    const pairs = need(sizes, 'pairs')
    const each = Array.from({ length: pairs }, (_, pair) => pair)
    return {
      last: [2 * pairs],
      query: [2 * pairs],
      exemplars: [...each.map((pair) => 2 * pair), 2 * pairs],
      labels: each.map((pair) => 2 * pair + 1),
    }
  },
  vocab: ({ labels }) => labels,
}

const tokens: InputKind<Extract<Inputs, { kind: 'tokens' }>> = {
  options: { kind: oneOf('tokens'), vocab: count(2 ** 24) },
  parameters: ({ vocab }, dModel) => [
    { name: 'embed.token.weight', shape: [vocab, dModel], initializer: { kind: 'truncated-normal', deviation: 0.02 } },
  ],
  embed(builder, parameter, _, sizes) {
    const ids = builder.input('tokens', [need(sizes, 'batch'), need(sizes, 'length')], 'data', 'int')
    return builder.op('gather', [parameter('embed.token.weight'), ids])
  },
  sizes({ vocab }, given, readout) {
    const ids = requireInput(given, 'tokens', [null, null])
    const [batch, length] = ids.shape
    requireBelow('tokens', ids, vocab)
    requireBelow('targets', requireInput(given, 'targets', readout === 'last' ? [batch] : [batch, length]), vocab, -1)
    return { batch, length }
  },
  length: (sizes) => need(sizes, 'length'),
  positions: (sizes) => ({ last: [need(sizes, 'length') - 1], query: [need(sizes, 'length') - 1] }),
  vocab: ({ vocab }) => vocab,
}

const kinds = { exemplars, tokens }

/** How a model with these inputs embeds its batch. */
export function inputKind(inputs: Inputs): InputKind<any> {
  return kinds[inputs.kind]
}

/** Gives inputs that have the fields of their kind and no others. @throws OpsinError `NAME` or `VALUE`. */
export function checkInputs(inputs: unknown): Inputs {
  const where = 'attentionOnly: inputs'
  const { kind } = requireObject(where, inputs, 'inputs {"kind": …}')
  const { options } = named<InputKind<any>>(`${where}.kind`, 'a kind of inputs', kind, kinds)
  return readOptions(where, inputs, options) as Inputs
}

/** The inputs of the one kind all of whose fields are among a task's sizes; nothing where there is none, or more than one. */
export function inputsFrom(sizes: Sizes): Inputs | undefined {
  const fields = ({ options }: InputKind<any>) => Object.keys(options).filter((name) => name !== 'kind')
  const told = Object.entries(kinds).filter(([, kind]) => fields(kind).every((name) => Object.hasOwn(sizes, name)))
  if (told.length !== 1) return undefined
  const [[kind, definition]] = told
  return { kind, ...Object.fromEntries(fields(definition).map((name) => [name, sizes[name]])) } as Inputs
}

function need(sizes: Sizes, name: string): number {
  const hint = `Sizes come from the task and the batch; these were ${show(sizes)}.`
  return check(`model.graph(sizes): "${name}"`, sizes?.[name], size, hint)
}

/** Of an axis that the data decide. */
const size: Rule<number> = { ...count(2 ** 24), code: 'SHAPE' }
