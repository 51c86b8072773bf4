import type { Model, Parameters, Tensor } from 'opsin'
import {
  geluOf,
  geluSlope,
  repeat,
  repeatEach,
  shaped,
  softmax,
  square,
  sumLast,
  times,
  timesInverse,
} from './arithmetic.ts'
import { concat, einsum, leaf, map, overwrite, pick, plus, sizeOf, type Value } from './tape.ts'

interface Config {
  readonly layers: number
  readonly heads: number
  readonly dModel: number
  readonly dHead: number
  readonly mlpRatio: number | null
  readonly positions: 'rotary' | 'learned' | 'sinusoidal' | 'none'
  readonly rotaryBase: number
  readonly norm: 'layernorm' | 'rmsnorm' | 'none'
  readonly eps: number
  readonly causal: boolean
  readonly inputs: { readonly kind: 'exemplars' | 'tokens' }
  readonly readout: 'last' | 'all'
}

/** A hook point's value from those of others. */
export type Equation = (read: (point: string) => Value) => Value
type Equations = Record<string, Equation>

/** The parameters of a model, as values: every replica reads these. */
export type Weights = Readonly<Record<string, Value>>

export function weightsFrom(parameters: Parameters): Weights {
  return Object.fromEntries(Object.entries(parameters).map(([name, { shape, data }]) => [name, leaf(shape, data)]))
}

/**
 * A transformer as one equation per hook point: the value there before anything is done to it, from the values of other
 * points as they are after all that was done to those.
 */
export class Network {
  readonly #config: Config
  readonly #batch: number
  readonly #length: number
  readonly #residual: readonly number[]

  constructor(
    model: Model,
    readonly weights: Weights,
    readonly inputs: Readonly<Record<string, Tensor>>,
    /** Whether scores of later keys count, should somebody have written them. */
    readonly looksAhead: boolean,
  ) {
    this.#config = model.config as unknown as Config
    const [batch, length] = (inputs.exemplars ?? inputs.tokens).shape
    this.#batch = batch
    this.#length = inputs.exemplars === undefined ? length : 2 * length - 1
    this.#residual = [batch, this.#length, this.#config.dModel]
  }

  equations(): Equations {
    const { layers, norm, positions } = this.#config
    const added = positions === 'learned' || positions === 'sinusoidal'
    const last = `blocks.${layers - 1}.resid_post`
    const first: Equation = added ? (read) => plus(read('embed'), read('pos_embed')) : (read) => read('embed')
    return {
      embed: () => this.#embedding(),
      ...(added ? { pos_embed: () => this.#positions() } : {}),
      ...Object.assign(
        {},
        ...Array.from({ length: layers }, (_, layer) => {
          const before: Equation = (read) => read(`blocks.${layer - 1}.resid_post`)
          return this.#block(`blocks.${layer}.`, layer === 0 ? first : before)
        }),
      ),
      ...(norm === 'none' ? {} : this.#norm('ln_final', last)),
      logits: (read) => this.#logits(this.#normed(read, 'ln_final', last)),
      loss: (read) => this.#loss(read('logits')),
    }
  }

  #block(block: string, before: Equation): Equations {
    const { norm, mlpRatio } = this.#config
    const attended: Equation = (read) => plus(read(`${block}resid_pre`), read(`${block}attn_out`))
    return {
      [`${block}resid_pre`]: before,
      ...(norm === 'none' ? {} : this.#norm(`${block}ln1`, `${block}resid_pre`)),
      ...this.#attention(block),
      ...(mlpRatio === null ? { [`${block}resid_post`]: attended } : this.#mlp(block, attended)),
    }
  }

  #attention(block: string): Equations {
    const { heads, dHead, dModel, positions } = this.#config
    const perHead = [this.#batch, this.#length, heads, dHead]
    const project =
      (name: string): Equation =>
      (read) =>
        shaped(this.#linear(this.#normed(read, `${block}ln1`, `${block}resid_pre`), `${block}attn.${name}`), perHead)
    const rotary = positions === 'rotary'
    const [q, k] = rotary ? ['rot_q', 'rot_k'] : ['q', 'k']
    const weight = () => shaped(this.weights[`${block}attn.out.weight`], [heads, dHead, dModel])
    return {
      [`${block}attn.q`]: project('q'),
      [`${block}attn.k`]: project('k'),
      [`${block}attn.v`]: project('v'),
      ...(rotary ? { [`${block}attn.rot_q`]: (read) => this.#rotated(read(`${block}attn.q`)) } : {}),
      ...(rotary ? { [`${block}attn.rot_k`]: (read) => this.#rotated(read(`${block}attn.k`)) } : {}),
      [`${block}attn.scores`]: (read) => this.#scores(read(`${block}attn.${q}`), read(`${block}attn.${k}`)),
      [`${block}attn.pattern`]: (read) => this.#pattern(read(`${block}attn.scores`)),
      [`${block}attn.z`]: (read) => einsum('bhnm,bmhd->bnhd', read(`${block}attn.pattern`), read(`${block}attn.v`)),
      [`${block}attn.result`]: (read) => einsum('bnhd,hdm->bnhm', read(`${block}attn.z`), weight()),
      [`${block}attn_out`]: (read) =>
        einsum('bnhm,h->bnm', read(`${block}attn.result`), leaf([heads], Array(heads).fill(1))),
    }
  }

  #mlp(block: string, attended: Equation): Equations {
    const stream = `${block}resid_mid`
    return {
      [stream]: attended,
      ...(this.#config.norm === 'none' ? {} : this.#norm(`${block}ln2`, stream)),
      [`${block}mlp.pre`]: (read) => this.#linear(this.#normed(read, `${block}ln2`, stream), `${block}mlp.in`, true),
      [`${block}mlp.post`]: (read) => map(read(`${block}mlp.pre`), geluOf, geluSlope),
      [`${block}mlp_out`]: (read) => this.#linear(read(`${block}mlp.post`), `${block}mlp.out`, true),
      [`${block}resid_post`]: (read) => plus(read(stream), read(`${block}mlp_out`)),
    }
  }

  #norm(name: string, stream: string): Equations {
    const { eps, dModel } = this.#config
    const root = (v: number) => Math.sqrt(v + eps)
    return {
      [`${name}.scale`]: (read) => {
        const variance = sumLast(square(this.#centered(read(stream))), 1 / dModel)
        const scale = map(variance, root, (_, y) => 0.5 / y)
        return shaped(scale, [this.#batch, this.#length, 1])
      },
      [`${name}.normalized`]: (read) => timesInverse(this.#centered(read(stream)), read(`${name}.scale`)),
    }
  }

  /** What reads a norm's output: gain and bias on its last hook point, or the stream itself where there is no norm. */
  #normed(read: (point: string) => Value, name: string, stream: string): Value {
    const { norm } = this.#config
    if (norm === 'none') return read(stream)
    const x = read(`${name}.normalized`)
    const gained = times(x, repeat(this.weights[`${name}.weight`], x.shape))
    return norm === 'layernorm' ? plus(gained, repeat(this.weights[`${name}.bias`], x.shape)) : gained
  }

  #centered(x: Value): Value {
    if (this.#config.norm !== 'layernorm') return x
    return plus(x, repeatEach(sumLast(x, 1 / this.#config.dModel), x.shape), -1)
  }

  #linear(x: Value, name: string, bias = false): Value {
    const y = einsum('bpi,io->bpo', x, this.weights[`${name}.weight`])
    return bias ? plus(y, repeat(this.weights[`${name}.bias`], y.shape)) : y
  }

  #embedding(): Value {
    const { exemplars, labels, features, tokens } = this.inputs
    const { dModel } = this.#config
    const row = (i: number) => Math.floor(i / dModel)
    if (exemplars === undefined) {
      const weight = this.weights['embed.token.weight']
      return pick(weight, this.#residual, (i) => tokens.data[row(i)] * dModel + (i % dModel))
    }
    const { shape, data } = features
    const table = shaped(this.#linear(leaf([1, ...shape], data), 'embed.exemplar', true), [shape[0], dModel])
    const rowOf = (b: number, pos: number) =>
      pos % 2 === 0
        ? exemplars.data[b * exemplars.shape[1] + pos / 2]
        : shape[0] + labels.data[b * labels.shape[1] + (pos - 1) / 2]
    return pick(
      concat(table, this.weights['embed.label.weight']),
      this.#residual,
      (i) => rowOf(Math.floor(row(i) / this.#length), row(i) % this.#length) * dModel + (i % dModel),
    )
  }

  #positions(): Value {
    const { dModel, positions } = this.#config
    const length = this.#length
    if (positions === 'learned') {
      return pick(this.weights['embed.pos.weight'], this.#residual, (i) => i % (length * dModel))
    }
    const wave = (i: number) => {
      const [dim, pos] = [i % dModel, Math.floor(i / dModel) % length]
      const angle = pos * 10_000 ** (-(dim - (dim % 2)) / dModel)
      return dim % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
    return leaf(
      this.#residual,
      Array.from({ length: sizeOf(this.#residual) }, (_, i) => wave(i)),
    )
  }

  /** (x0, x1) → (x0 cos − x1 sin, x1 cos + x0 sin) for each adjacent pair. */
  #rotated(x: Value): Value {
    const { heads, dHead, rotaryBase } = this.#config
    const angle = (i: number) => {
      const [dim, pos] = [i % dHead, Math.floor(i / (heads * dHead)) % this.#length]
      return pos * rotaryBase ** (-(dim - (dim % 2)) / dHead)
    }
    const table = (f: (i: number) => number) =>
      leaf(
        x.shape,
        Array.from(x.data, (_, i) => f(i)),
      )
    const partner = pick(x, x.shape, (i) => (i % 2 === 0 ? i + 1 : i - 1))
    const cosines = table((i) => Math.cos(angle(i)))
    const sines = table((i) => (i % 2 === 0 ? -1 : 1) * Math.sin(angle(i)))
    return plus(times(x, cosines), times(partner, sines))
  }

  #scores(q: Value, k: Value): Value {
    const scale = 1 / Math.sqrt(this.#config.dHead)
    const raw = map(
      einsum('bnhd,bmhd->bhnm', q, k),
      (x) => x * scale,
      () => scale,
    )
    return overwrite(
      raw,
      leaf(
        raw.shape,
        raw.data.map(() => -1e20),
      ),
      this.#hidden(raw),
      'block',
    )
  }

  #pattern(scores: Value): Value {
    if (this.looksAhead) return softmax(scores)
    const nothing = leaf(
      scores.shape,
      scores.data.map(() => Number.NEGATIVE_INFINITY),
    )
    return softmax(overwrite(scores, nothing, this.#hidden(scores), 'block'))
  }

  /** By edge: whether the causal mask hides it. */
  #hidden(edges: Value): boolean[] {
    const length = this.#length
    return Array.from(edges.data, (_, i) => this.#config.causal && i % length > Math.floor(i / length) % length)
  }

  #logits(x: Value): Value {
    const { dModel, readout } = this.#config
    const last = (i: number) => (Math.floor(i / dModel) * this.#length + this.#length - 1) * dModel + (i % dModel)
    return this.#linear(readout === 'all' ? x : pick(x, [this.#batch, 1, dModel], last), 'unembed', true)
  }

  /** −log softmax at the targets, from differences to the right logit; rows whose target is −1 do not count. */
  #loss(logits: Value): Value {
    const vocab = logits.shape[2]
    const rows = [...this.inputs.targets.data].flatMap((target, row) => (target < 0 ? [] : [{ target, row }]))
    const count = rows.length
    if (count === 0) return leaf([], [0])
    const chosen = pick(logits, [count, vocab], (i) => rows[Math.floor(i / vocab)].row * vocab + (i % vocab))
    const right = pick(chosen, [count], (r) => r * vocab + rows[r].target)
    const differences = plus(chosen, repeatEach(right, chosen.shape), -1)
    const top = leaf(
      [count],
      rows.map((_, r) => Math.max(...differences.data.slice(r * vocab, (r + 1) * vocab))),
    )
    const exps = map(plus(differences, repeatEach(top, chosen.shape), -1), Math.exp, (_, y) => y)
    const losses = plus(
      map(sumLast(exps), Math.log, (x) => 1 / x),
      top,
    )
    return einsum('r,r->', losses, leaf([count], Array(count).fill(1 / count)))
  }
}
