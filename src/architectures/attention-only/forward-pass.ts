import { internal, OpsinError } from '../../core/errors.ts'
import { GraphBuilder } from '../../graph/build.ts'
import { hiddenEdges } from '../../graph/hooks.ts'
import type { Graph, NodeId } from '../../graph/node.ts'
import type { ParameterSpec, Sizes } from '../define.ts'
import type { AttentionOnlyConfig } from './config.ts'
import { inputKind } from './inputs.ts'

/** Emits the forward pass of an attention-only model, naming every hook point on the way. */
export function forwardPass(
  config: AttentionOnlyConfig,
  specs: readonly ParameterSpec[],
  sizes: Sizes,
  looksAhead = false,
): Graph {
  const pass = new ForwardPass(config, specs, sizes, looksAhead)
  let x = pass.embedding()
  for (let layer = 0; layer < config.layers; layer++) x = pass.block(x, layer)
  pass.readout(x)
  return pass.builder.build()
}

class ForwardPass {
  readonly builder = new GraphBuilder()
  readonly #parameters = new Map<string, NodeId>()
  readonly #named = new Set<NodeId>()
  readonly #length: number
  readonly #batch: number

  constructor(
    readonly config: AttentionOnlyConfig,
    specs: readonly ParameterSpec[],
    readonly sizes: Sizes,
    readonly looksAhead: boolean,
  ) {
    for (const { name, shape } of specs) this.#parameters.set(name, this.builder.input(name, shape, 'parameter'))
    this.#length = inputKind(config.inputs).length(sizes)
    this.#batch = sizes.batch
  }

  /** [batch, pos, d_model] */
  embedding(): NodeId {
    const { inputs, positions } = this.config
    const embed = inputKind(inputs).embed(this.builder, (name) => this.#parameter(name), inputs, this.sizes)
    const x = this.#hook('embed', embed)
    if (positions !== 'learned' && positions !== 'sinusoidal') return x
    return this.#op('add', [x, this.#hook('pos_embed', this.#positions())])
  }

  /** [batch, pos, d_model] → the same. */
  block(input: NodeId, layer: number): NodeId {
    const block = `blocks.${layer}`
    const x = this.#hook(`${block}.resid_pre`, input)
    const attended = this.#op('add', [x, this.#hook(`${block}.attn_out`, this.#attention(x, block))])
    if (this.config.mlpRatio === null) return this.#hook(`${block}.resid_post`, attended)
    const middle = this.#hook(`${block}.resid_mid`, attended)
    const out = this.#op('add', [middle, this.#hook(`${block}.mlp_out`, this.#mlp(middle, block))])
    return this.#hook(`${block}.resid_post`, out)
  }

  /** [batch, pos, d_model] → `logits` [batch, pos, vocab] and the scalar `loss`. */
  readout(x: NodeId): void {
    const { readout, inputs } = this.config
    const normed = this.#norm(x, 'ln_final')
    const read = readout === 'last' ? this.#op('take', [normed], { axis: 1, indices: [this.#length - 1] }) : normed
    const logits = this.#hook('logits', this.#linear(read, 'unembed', true))
    const shape = readout === 'last' ? [this.#batch] : [this.#batch, this.#length]
    const targets = this.builder.input('targets', shape, 'batch', 'int')
    const rows = this.#op('reshape', [logits], { shape: [...shape, inputKind(inputs).vocab(inputs)] })
    this.#hook('loss', this.#op('cross-entropy', [rows, targets]))
  }

  /** [batch, pos, d_model] → attn_out, the same shape. */
  #attention(x: NodeId, block: string): NodeId {
    const { heads, dHead, positions, rotaryBase, causal } = this.config
    const normed = this.#norm(x, `${block}.ln1`)
    const perHead = [this.#batch, this.#length, heads, dHead]
    const project = (name: string) =>
      this.#hook(
        `${block}.attn.${name}`,
        this.#op('reshape', [this.#linear(normed, `${block}.attn.${name}`)], { shape: perHead }),
      )
    const rotate = (name: string, value: NodeId) =>
      positions === 'rotary'
        ? this.#hook(`${block}.attn.rot_${name}`, this.#op('rotary', [value], { base: rotaryBase, inverse: false }))
        : value

    const [q, k, v] = [project('q'), project('k'), project('v')]
    const raw = this.#op('attention-scores', [rotate('q', q), rotate('k', k)], { scale: 1 / Math.sqrt(dHead) })
    const masked = causal ? this.#op('causal-mask', [raw], { value: hiddenEdges['attn.scores'] }) : raw
    const scores = this.#hook(`${block}.attn.scores`, masked)
    const pattern = this.#hook(
      `${block}.attn.pattern`,
      this.#op(causal && !this.looksAhead ? 'causal-softmax' : 'softmax', [scores]),
    )
    const z = this.#hook(`${block}.attn.z`, this.#op('attention-mix', [pattern, v], { scale: 1, transpose: false }))
    const result = this.#op('head-result', [z, this.#parameter(`${block}.attn.out.weight`)])
    return this.#op('sum-heads', [this.#hook(`${block}.attn.result`, result)])
  }

  #mlp(x: NodeId, block: string): NodeId {
    const pre = this.#hook(`${block}.mlp.pre`, this.#linear(this.#norm(x, `${block}.ln2`), `${block}.mlp.in`, true))
    const post = this.#hook(`${block}.mlp.post`, this.#op('gelu', [pre]))
    return this.#linear(post, `${block}.mlp.out`, true)
  }

  #norm(x: NodeId, name: string): NodeId {
    const { norm, eps } = this.config
    if (norm === 'none') return x
    const center = norm === 'layernorm'
    const scale = this.#hook(`${name}.scale`, this.#op('norm-scale', [x], { eps, center }))
    const normalized = this.#hook(`${name}.normalized`, this.#op('normalize', [x, scale], { center }))
    const affine = [normalized, this.#parameter(`${name}.weight`)]
    return this.#op('affine', center ? [...affine, this.#parameter(`${name}.bias`)] : affine)
  }

  /** Positions to add to the embedding, [batch, pos, d_model]. */
  #positions(): NodeId {
    const { positions, dModel, maxLength } = this.config
    const shape = [this.#batch, this.#length, dModel]
    if (positions === 'sinusoidal') {
      const waves = this.#op('sinusoid', [], { positions: this.#length, width: dModel, base: 10_000 })
      return this.#op('broadcast', [waves], { shape })
    }
    if (this.#length > maxLength) {
      throw new OpsinError('SHAPE', {
        where: 'embed.pos.weight',
        expected: `sequences of at most maxLength = ${maxLength} tokens`,
        got: String(this.#length),
        hint: 'Give attentionOnly a larger maxLength.',
      })
    }
    const indices = Array.from({ length: this.#length }, (_, i) => i)
    const learned = this.#op('take', [this.#parameter('embed.pos.weight')], { axis: 0, indices })
    return this.#op('broadcast', [learned], { shape })
  }

  #linear(x: NodeId, name: string, bias = false): NodeId {
    const inputs = [x, this.#parameter(`${name}.weight`)]
    return this.#op('linear', bias ? [...inputs, this.#parameter(`${name}.bias`)] : inputs)
  }

  #parameter(name: string): NodeId {
    const id = this.#parameters.get(name)
    if (id === undefined) throw internal('forward pass', 'a declared parameter', name)
    return id
  }

  #op(op: string, inputs: readonly NodeId[], attrs?: object): NodeId {
    return this.builder.op(op, inputs, attrs)
  }

  /** Names a value. One that has a name already (a block's input is the last one's output) becomes a node of its own. */
  #hook(name: string, id: NodeId): NodeId {
    const own = this.#named.has(id) ? this.#op('reshape', [id], { shape: this.builder.node(id).shape }) : id
    this.#named.add(own)
    return this.builder.point(name, own)
  }
}
