import type { Axis } from '../core/axes.ts'

/** What a model must have for a hook point to exist. */
export type Feature = 'always' | 'added-positions' | 'rotary' | 'norm' | 'mlp' | 'mlp-norm'

interface HookPoint {
  readonly axes: readonly Axis[]
  readonly needs: Feature
}

const residual = { axes: ['batch', 'pos', 'd_model'] } as const
const perHead = { axes: ['batch', 'pos', 'head', 'd_head'], needs: 'always' } as const
const attention = { axes: ['batch', 'head', 'query', 'key'], needs: 'always' } as const
const scale = { axes: ['batch', 'pos', 'scale'] } as const
const hidden = { axes: ['batch', 'pos', 'd_mlp'], needs: 'mlp' } as const

/**
 * Every hook point, in firing order, with its axes: TransformerLens's words without the `hook_` prefix. The types of
 * hook names and of their axes derive from this table, and architectures may name nodes only by it. Each point has a
 * twin `grad(name)` on the backward side. A read-out at the last position leaves `logits` with a `pos` axis of size 1.
 */
export const hookPoints = {
  embed: { ...residual, needs: 'always' },
  pos_embed: { ...residual, needs: 'added-positions' },
  'blocks.{i}.resid_pre': { ...residual, needs: 'always' },
  'blocks.{i}.ln1.scale': { ...scale, needs: 'norm' },
  'blocks.{i}.ln1.normalized': { ...residual, needs: 'norm' },
  'blocks.{i}.attn.q': perHead,
  'blocks.{i}.attn.k': perHead,
  'blocks.{i}.attn.v': perHead,
  'blocks.{i}.attn.rot_q': { ...perHead, needs: 'rotary' },
  'blocks.{i}.attn.rot_k': { ...perHead, needs: 'rotary' },
  'blocks.{i}.attn.scores': attention,
  'blocks.{i}.attn.pattern': attention,
  'blocks.{i}.attn.z': perHead,
  'blocks.{i}.attn.result': { axes: ['batch', 'pos', 'head', 'd_model'], needs: 'always' },
  'blocks.{i}.attn_out': { ...residual, needs: 'always' },
  'blocks.{i}.resid_mid': { ...residual, needs: 'mlp' },
  'blocks.{i}.ln2.scale': { ...scale, needs: 'mlp-norm' },
  'blocks.{i}.ln2.normalized': { ...residual, needs: 'mlp-norm' },
  'blocks.{i}.mlp.pre': hidden,
  'blocks.{i}.mlp.post': hidden,
  'blocks.{i}.mlp_out': { ...residual, needs: 'mlp' },
  'blocks.{i}.resid_post': { ...residual, needs: 'always' },
  'ln_final.scale': { ...scale, needs: 'norm' },
  'ln_final.normalized': { ...residual, needs: 'norm' },
  logits: { axes: ['batch', 'pos', 'vocab'], needs: 'always' },
  loss: { axes: [], needs: 'always' },
} as const satisfies Record<string, HookPoint>

/** `blocks.0.attn.scores` ↦ `attn.scores`; nothing for a point outside blocks, and for a gradient. */
export function pointInBlock(point: string): string | undefined {
  return /^blocks\.\d+\.(.*)$/.exec(point)?.[1]
}

/** By attention point: what a causal model's mask leaves on the edges it hides, those from a query to later keys. */
export const hiddenEdges: Readonly<Record<string, number>> = {
  /** Far below any real score yet finite: the value that Singh et al. 2024 use. */
  'attn.scores': -1e20,
  'attn.pattern': 0,
}

type Table = typeof hookPoints
type Template = keyof Table

/** 0 | 1 | … | N−1; `number` when N is not a literal. */
export type Below<N extends number, Counted extends number[] = []> = number extends N
  ? number
  : Counted['length'] extends N
    ? Counted[number]
    : Below<N, [...Counted, Counted['length']]>

type Named<Name, Layers extends number> = Name extends `${infer Before}{i}${infer After}`
  ? `${Before}${Below<Layers>}${After}`
  : Name

type Forward<Layers extends number, Has extends Feature> = {
  [Name in Template as Table[Name]['needs'] extends Has ? Named<Name, Layers> : never]: Table[Name]['axes'][number]
}

type WithGradients<Points> = Points & { [Name in keyof Points & string as `grad(${Name})`]: Points[Name] }

/** From each hook name of a model with these layers and features to its axes, as a type. */
export type HookTable<Layers extends number, Has extends Feature> = WithGradients<Forward<Layers, Has>>

/** The same at run time: the hook names of a model in firing order, and the axes of each. */
export function hookTable(layers: number, has: ReadonlySet<Feature>): Map<string, readonly Axis[]> {
  const table = new Map<string, readonly Axis[]>()
  const entries = Object.entries<HookPoint>(hookPoints).filter(([, { needs }]) => has.has(needs))
  const inBlocks = entries.filter(([name]) => name.includes('{i}'))
  for (const [name, { axes }] of entries) {
    if (!name.includes('{i}')) table.set(name, axes)
    else if (name === inBlocks[0][0]) {
      for (let i = 0; i < layers; i++) {
        for (const [inner, point] of inBlocks) table.set(inner.replace('{i}', String(i)), point.axes)
      }
    }
  }
  return table
}
