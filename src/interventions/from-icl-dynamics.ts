import { requireModel } from '../architectures/check.ts'
import type { Model } from '../architectures/define.ts'
import { flag, fraction, integer, notNegative, oneOf, optional, type Rule, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf } from '../core/fields.ts'
import { show } from '../core/show.ts'
import { at } from './at.ts'
import type { Site } from './define.ts'
import { ablate } from './kinds/ablate.ts'
import { clamp } from './kinds/clamp.ts'
import { forbid } from './kinds/forbid.ts'
import type { Intervention } from './kinds/index.ts'
import { patch } from './kinds/patch.ts'
import { scale } from './kinds/scale.ts'
import { range, type Selection } from './select.ts'
import { activation } from './sources/activation.ts'
import { copyFrom } from './sources/copy.ts'
import { induction, match, previousToken } from './sources/patterns.ts'

/**
 * The options of `aadityasingh/icl-dynamics`, by their names without `opto_`. Heads are `"layer:head"`, from 0.
 * Grafts (`graft_in_…`, `graft_out_…`) need a second model and are not among them yet.
 */
export interface IclDynamicsOptions {
  readonly ablate_heads?: readonly string[]
  readonly ablate_embedding?: boolean
  readonly induction_heads?: readonly string[]
  readonly induction_head_strength?: number
  readonly match_heads?: readonly string[]
  readonly match_head_temperature?: number
  readonly prev_token_heads?: readonly string[]
  readonly prev_token_head_strength?: number
  readonly prev_token_only_label?: boolean
  readonly disallow_prev_token_heads?: readonly string[]
  readonly disallow_prev_token_only_label?: boolean
  /** `"layer:head:temperature"`, all of one layer. */
  readonly set_head_temperature?: readonly string[]
  /** Heads of the last layer. */
  readonly final_layer_silence_non_label_attn?: readonly number[]
  readonly perfect_copy_from_head_pattern?: string
  readonly preserve_patterns?: boolean
  readonly preserve_values?: boolean
  readonly preserve_queries?: boolean
  readonly preserve_keys?: boolean
  readonly specific_fn?: 'standard' | 'perfect_prev_token_input'
}

type Options = Required<IclDynamicsOptions>

/** The unmodified network over the same batch. */
const CLEAN = 'clean'
/** A replica whose second layer reads the tokens shifted by a perfect previous-token layer. */
const SHIFTED = 'shifted'

const words = listOf(text, 'a list of strings')
const off = optional(flag, false)
const none = optional(words, [])

/** Rules of the options. */
export const iclDynamicsTable = {
  ablate_heads: none,
  ablate_embedding: off,
  induction_heads: none,
  induction_head_strength: optional(fraction, 1),
  match_heads: none,
  match_head_temperature: optional(notNegative, 0),
  prev_token_heads: none,
  prev_token_head_strength: optional(fraction, 1),
  prev_token_only_label: off,
  disallow_prev_token_heads: none,
  disallow_prev_token_only_label: off,
  set_head_temperature: none,
  final_layer_silence_non_label_attn: optional(listOf(integer(0), 'a list of heads'), []),
  perfect_copy_from_head_pattern: optional(text, ''),
  preserve_patterns: off,
  preserve_values: off,
  preserve_queries: off,
  preserve_keys: off,
  specific_fn: optional(oneOf('standard', 'perfect_prev_token_input'), 'standard'),
} satisfies Record<keyof Options, Rule<any>>

/**
 * The interventions that options of the authors' own code (`icl-dynamics`, `opto.py`) stand for, gradient flow
 * included: nothing there stops a gradient, so whatever comes from another replica has the rule `source`. Their
 * `attn_scores` is the pattern and their `attn_pre_softmax` the scores here; names are translated, never aliased.
 *
 * @throws OpsinError `NAME` for an option that does not exist, `VALUE` for heads that the model does not have.
 * @example
 * import { attentionOnly, fromIclDynamics } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const clamps = fromIclDynamics(model, { prev_token_heads: ['0:2'], ablate_heads: ['1:0', '1:1'] })
 * console.assert(clamps.length === 2)
 */
export function fromIclDynamics(model: Model, options: IclDynamicsOptions): Intervention[] {
  requireModel('fromIclDynamics', model)
  const all = readOptions('fromIclDynamics', options, iclDynamicsTable)
  return all.specific_fn === 'standard' ? standard(model, all) : perfectPreviousTokenInput(model, all, options)
}

/** The order of the authors' code: what a first run preserves, then everything else over it. */
function standard(model: Model, options: Options): Intervention[] {
  return [
    ...preserve(model, options),
    ...temperatures(model, options),
    ...copy(model, options, CLEAN),
    ...(options.ablate_embedding ? [ablate(at(model, 'embed'))] : []),
    ...ablateHeads(model, options),
    ...patterns(model, options),
    ...forbidden(model, options),
  ]
}

/**
 * `perfect_prev_token_input`: the last layer attends as if the first had moved each token's embedding one place on, and
 * reads values from the embedding itself. [Singh et al. 2024, the clamp {1,2}]
 */
function perfectPreviousTokenInput(model: Model, options: Options, given: IclDynamicsOptions): Intervention[] {
  const allowed = ['specific_fn', 'ablate_heads', 'perfect_copy_from_head_pattern']
  const other = Object.keys(given).find((name) => !allowed.includes(name))
  if (other !== undefined)
    throw invalid('specific_fn', `with perfect_prev_token_input only ${allowed.join(', ')}`, other)
  if (model.config.layers !== 2) throw invalid('specific_fn', 'a model of two layers', model.config.layers)
  const embedding = at(model, 'blocks.0.resid_pre')
  const source = { gradient: 'source' } as const
  return [
    patch(at(model, 'blocks.0.resid_post', { replica: SHIFTED }), activation({ of: embedding }), source),
    patch(
      at(model, 'blocks.0.resid_post', { replica: SHIFTED, pos: range(1, -1) }),
      activation({ of: embedding, shift: 1 }),
      { ...source, order: 1 },
    ),
    patch(at(model, 'blocks.0.resid_post'), activation({ of: embedding }), source),
    patch(at(model, 'blocks.1.attn.pattern'), activation({ replica: SHIFTED }), source),
    ...copy(model, options, SHIFTED),
    ...ablateHeads(model, options),
  ]
}

function preserve(model: Model, options: Options): Intervention[] {
  const rotary = model.config.positions === 'rotary'
  const points = [
    ...(options.preserve_patterns ? ['pattern'] : []),
    ...(options.preserve_values ? ['v'] : []),
    ...(options.preserve_queries ? [rotary ? 'rot_q' : 'q'] : []),
    ...(options.preserve_keys ? [rotary ? 'rot_k' : 'k'] : []),
  ]
  return layersOf(model).flatMap((layer) =>
    points.map((point) =>
      patch(at(model, `blocks.${layer}.attn.${point}`), activation({ replica: CLEAN }), { gradient: 'source' }),
    ),
  )
}

/** The whole layer's scores come from the first run; those of the named heads are divided by their temperature. */
function temperatures(model: Model, { set_head_temperature: triples }: Options): Intervention[] {
  const parsed = triples.map((text) => {
    const [layer, head, temperature] = text.split(':').map(Number)
    if (!(temperature > 0) || text.split(':').length !== 3) {
      throw invalid('set_head_temperature', '"layer:head:temperature" with a positive temperature', text)
    }
    return { layer, head, temperature }
  })
  const layers = [...new Set(parsed.map(({ layer }) => layer))]
  if (layers.length > 1) throw invalid('set_head_temperature', 'heads of a single layer', triples.join(' '))
  return [
    ...layers.map((layer) =>
      patch(at(model, `blocks.${layer}.attn.scores`), activation({ replica: CLEAN }), { gradient: 'source' }),
    ),
    ...parsed.map(({ layer, head, temperature }) =>
      scale(at(model, `blocks.${layer}.attn.scores`, { head }), 1 / temperature, { order: 1 }),
    ),
  ]
}

function copy(model: Model, { perfect_copy_from_head_pattern: text }: Options, replica: string): Intervention[] {
  return [...byLayer(text === '' ? [] : [text])].map(([layer, [head]]) =>
    patch(at(model, 'logits'), copyFrom(at(model, `blocks.${layer}.attn.scores`, { head, replica })), {
      gradient: 'source',
    }),
  )
}

function ablateHeads(model: Model, { ablate_heads: heads }: Options): Intervention[] {
  return perLayer(model, 'v', heads, {}, (site) => ablate(site, { order: 1 }))
}

function patterns(model: Model, options: Options): Intervention[] {
  const previous = previousToken({ strength: options.prev_token_head_strength })
  const labels: Selection = options.prev_token_only_label ? { query: 'labels' } : {}
  const inductive = induction({ strength: options.induction_head_strength })
  const matching = match({ temperature: options.match_head_temperature })
  const last: Selection = { query: 'last' }
  return [
    ...perLayer(model, 'pattern', options.prev_token_heads, labels, (site) => clamp(site, previous, { order: 1 })),
    ...perLayer(model, 'pattern', options.induction_heads, last, (site) => clamp(site, inductive, { order: 2 })),
    ...perLayer(model, 'pattern', options.match_heads, last, (site) => clamp(site, matching, { order: 3 })),
  ]
}

function forbidden(model: Model, options: Options): Intervention[] {
  const labels: Selection = options.disallow_prev_token_only_label ? { query: 'labels' } : {}
  const lastLayer = layersOf(model).length - 1
  const silenced = options.final_layer_silence_non_label_attn.map((head) => `${lastLayer}:${head}`)
  return [
    ...perLayer(model, 'scores', options.disallow_prev_token_heads, labels, (site) =>
      forbid(site, { edges: 'previous-token', order: 2 }),
    ),
    ...perLayer(model, 'scores', silenced, { query: 'last', key: 'exemplars' }, (site) => forbid(site, { order: 3 })),
  ]
}

/** One intervention per layer on the heads named there. */
function perLayer(
  model: Model,
  point: string,
  heads: readonly string[],
  select: Selection,
  make: (site: Site) => Intervention,
): Intervention[] {
  return [...byLayer(heads)].map(([layer, head]) =>
    make(at(model, `blocks.${layer}.attn.${point}`, { head, ...select })),
  )
}

/** `["1:3", "1:7"]` ↦ 1: [3, 7] */
function byLayer(heads: readonly string[]): Map<number, number[]> {
  const layers = new Map<number, number[]>()
  for (const text of heads) {
    const match = /^(\d+):(\d+)$/.exec(text)
    if (match === null) throw invalid('heads', '"layer:head"', text)
    const [layer, head] = [Number(match[1]), Number(match[2])]
    layers.set(layer, [...(layers.get(layer) ?? []), head])
  }
  return layers
}

function layersOf(model: Model): number[] {
  return Array.from({ length: Number(model.config.layers) }, (_, layer) => layer)
}

function invalid(option: string, expected: string, got: unknown): OpsinError {
  return new OpsinError('VALUE', {
    where: `fromIclDynamics: ${option}`,
    expected,
    got: show(got),
  })
}
