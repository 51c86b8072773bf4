import { requireRoom } from '../../core/shape.ts'
import type { ParameterSpec } from '../define.ts'
import { leCunNormal, ones, zeros } from '../initializers/index.ts'
import type { AttentionOnlyConfig } from './config.ts'
import { inputKind } from './inputs.ts'

/**
 * Every parameter of the model, in the order in which they lie in memory.
 *
 * @throws OpsinError `VALUE` for more than any engine can hold.
 */
export function parameters(config: AttentionOnlyConfig): ParameterSpec[] {
  const specs = allParameters(config)
  requireRoom(
    'attentionOnly: all parameters together',
    specs.map(({ shape }) => shape),
  )
  return specs
}

function allParameters(config: AttentionOnlyConfig): ParameterSpec[] {
  const { dModel, heads, dHead, inputs } = config
  const weight = (name: string, nIn: number, nOut: number): ParameterSpec => ({
    name: `${name}.weight`,
    shape: [nIn, nOut],
    initializer: leCunNormal(nIn),
  })
  const bias = (name: string, size: number): ParameterSpec => ({
    name: `${name}.bias`,
    shape: [size],
    initializer: zeros,
  })
  const norm = (name: string): ParameterSpec[] => {
    if (config.norm === 'none') return []
    const gain: ParameterSpec = { name: `${name}.weight`, shape: [dModel], initializer: ones }
    return config.norm === 'layernorm' ? [gain, bias(name, dModel)] : [gain]
  }
  const mlp = (block: string): ParameterSpec[] => {
    if (config.mlpRatio === null) return []
    const dMlp = Math.round(config.mlpRatio * dModel)
    const [into, out] = [`${block}.mlp.in`, `${block}.mlp.out`]
    return [
      ...norm(`${block}.ln2`),
      weight(into, dModel, dMlp),
      bias(into, dMlp),
      weight(out, dMlp, dModel),
      bias(out, dModel),
    ]
  }
  const kind = inputKind(inputs)
  const blocks = Array.from({ length: config.layers }, (_, i) => `blocks.${i}`)
  return [
    ...kind.parameters(inputs, dModel),
    ...(config.positions === 'learned' ? [learnedPositions(config)] : []),
    ...blocks.flatMap((block) => [
      ...norm(`${block}.ln1`),
      ...['q', 'k', 'v'].map((name) => weight(`${block}.attn.${name}`, dModel, heads * dHead)),
      weight(`${block}.attn.out`, heads * dHead, dModel),
      ...mlp(block),
    ]),
    ...norm('ln_final'),
    weight('unembed', dModel, kind.vocab(inputs)),
    bias('unembed', kind.vocab(inputs)),
  ]
}

function learnedPositions({ maxLength, dModel }: AttentionOnlyConfig): ParameterSpec {
  return {
    name: 'embed.pos.weight',
    shape: [maxLength, dModel],
    initializer: { kind: 'truncated-normal', deviation: 0.02 },
  }
}
