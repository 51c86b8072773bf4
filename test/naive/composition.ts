import type { Model } from 'opsin'

/** A part as its model describes it: its kind and options, defaults filled in. */
export interface PartJson {
  readonly kind: string
  readonly [option: string]: any
}

export interface BlockJson {
  readonly mixer?: PartJson
  readonly mlp?: PartJson
  readonly norm?: PartJson
  readonly residual?: PartJson
  readonly parallel?: boolean
}

/** What a transformer is made of. */
export interface Composition {
  readonly inputs: PartJson
  readonly positions?: PartJson
  readonly blocks: readonly BlockJson[]
  readonly norm?: PartJson
  /** By name; one alone has the name `''`. */
  readonly readouts: Readonly<Record<string, PartJson>>
}

/** The parts of a model, from its description. */
export function compositionOf({ architecture, config }: Model): Composition {
  if (architecture !== 'transformer') return preNormParts(config as unknown as PreNormJson)
  const { readout, readouts, ...rest } = config as any
  return { ...rest, readouts: { ...(readout === undefined ? {} : { '': readout }), ...readouts } }
}

interface PreNormJson {
  readonly layers: number
  readonly heads: number
  readonly dModel: number
  readonly dHead: number
  readonly mlpRatio: number | null
  readonly positions: 'rotary' | 'learned' | 'sinusoidal' | 'none'
  readonly rotaryBase: number
  readonly norm: 'layernorm' | 'rmsnorm' | 'none'
  readonly eps: number
  readonly inputs: PartJson
  readonly readout: 'last' | 'all'
}

/** Equal blocks with norms before; biases only in norms, MLP, exemplar embedding and read-out. */
function preNormParts(config: PreNormJson): Composition {
  const { layers, heads, dHead, dModel, mlpRatio, positions, rotaryBase: base, eps, inputs, readout } = config
  const norm = config.norm === 'none' ? {} : { norm: { kind: config.norm, eps, bias: config.norm === 'layernorm' } }
  const turned = { kind: 'rotary', base, pairs: 'adjacent', share: 1 }
  const mixer = { kind: 'attention', heads, dHead, with: positions === 'rotary' ? [turned] : [] }
  const mlp = mlpRatio === null ? {} : { mlp: { kind: 'gelu', width: mlpRatio * dModel, bias: true } }
  return {
    inputs,
    ...(positions === 'learned' || positions === 'sinusoidal' ? { positions: { kind: positions } } : {}),
    blocks: Array.from({ length: layers }, () => ({ mixer, ...mlp, ...norm })),
    ...norm,
    readouts: { '': { kind: 'linear', at: readout, bias: true } },
  }
}
