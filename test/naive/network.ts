import type { Model, Parameters, Tensor } from 'opsin'
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
  readonly inputs: { readonly kind: 'exemplars' | 'tokens'; readonly features: number }
  readonly readout: 'last' | 'all'
}

/** The parameters of a model, as values: every replica reads these. */
export type Weights = Readonly<Record<string, Value>>

export function weightsFrom(parameters: Parameters): Weights {
  return Object.fromEntries(Object.entries(parameters).map(([name, { shape, data }]) => [name, leaf(shape, data)]))
}

/**
 * A transformer as one equation per hook point: the value there before anything is done to it, from the values of other
 * points as they are after all that was done to those.
 */
export function equationsOf(model: Model, weights: Weights, inputs: Readonly<Record<string, Tensor>>) {
  const config = model.config as unknown as Config
  const { layers, heads, dModel, dHead, norm, readout } = config
  const exemplars = config.inputs.kind === 'exemplars'
  const ids = exemplars ? inputs.exemplars : inputs.tokens
  const batch = ids.shape[0]
  const length = exemplars ? 2 * ids.shape[1] - 1 : ids.shape[1]
  const residual = [batch, length, dModel]

  const repeat = (x: Value, shape: readonly number[]) => pick(x, shape, (i) => i % x.data.length)
  const along = (x: Value, shape: readonly number[]) =>
    pick(x, shape, (i) => Math.floor(i / (sizeOf(shape) / x.data.length)))
  const sumLast = (x: Value, factor = 1) => {
    const width = x.shape[x.shape.length - 1]
    const flat = pick(x, [x.data.length / width, width], (i) => i)
    return einsum('rd,d->r', flat, leaf([width], Array(width).fill(factor)))
  }
  const linear = (x: Value, name: string, bias = false) => {
    const y = einsum('bpi,io->bpo', x, weights[`${name}.weight`])
    return bias ? plus(y, repeat(weights[`${name}.bias`], y.shape)) : y
  }
  const centered = (x: Value) => (norm === 'layernorm' ? plus(x, along(sumLast(x, 1 / dModel), x.shape), -1) : x)
  const square = (x: Value) =>
    map(
      x,
      (v) => v * v,
      (v) => 2 * v,
    )
  const divide = (x: Value, by: Value) => {
    const inverse = map(
      by,
      (v) => 1 / v,
      (_, y) => -y * y,
    )
    return einsum(
      'r,r->r',
      pick(x, [x.data.length], (i) => i),
      along(inverse, [x.data.length]),
    )
  }
  const shaped = (x: Value, shape: readonly number[]) => pick(x, shape, (i) => i)

  /** What reads a norm's output: gain and bias on its last hook point, or the stream itself where there is no norm. */
  const normed = (read: (point: string) => Value, name: string, stream: string) => {
    if (norm === 'none') return read(stream)
    const x = read(`${name}.normalized`)
    const gained = shaped(
      einsum('r,r->r', shaped(x, [x.data.length]), repeat(weights[`${name}.weight`], [x.data.length])),
      x.shape,
    )
    return norm === 'layernorm' ? plus(gained, repeat(weights[`${name}.bias`], x.shape)) : gained
  }
  const normPoints = (name: string, stream: string): Record<string, Equation> => ({
    [`${name}.scale`]: (read) => {
      const variance = sumLast(square(centered(read(stream))), 1 / dModel)
      const scale = map(
        variance,
        (v) => Math.sqrt(v + config.eps),
        (_, y) => 0.5 / y,
      )
      return shaped(scale, [batch, length, 1])
    },
    [`${name}.normalized`]: (read) => shaped(divide(centered(read(stream)), read(`${name}.scale`)), residual),
  })

  const rotate = (x: Value): Value => {
    // (x0, x1) → (x0 cos − x1 sin, x1 cos + x0 sin) for each adjacent pair
    const angle = (i: number) => {
      const [dim, pos] = [i % dHead, Math.floor(i / (heads * dHead)) % length]
      return pos * config.rotaryBase ** (-(dim - (dim % 2)) / dHead)
    }
    const partner = pick(x, x.shape, (i) => (i % 2 === 0 ? i + 1 : i - 1))
    const table = (f: (i: number) => number) =>
      leaf(
        [x.data.length],
        Array.from(x.data, (_, i) => f(i)),
      )
    const turned = plus(
      einsum(
        'r,r->r',
        shaped(x, [x.data.length]),
        table((i) => Math.cos(angle(i))),
      ),
      einsum(
        'r,r->r',
        shaped(partner, [x.data.length]),
        table((i) => (i % 2 === 0 ? -1 : 1) * Math.sin(angle(i))),
      ),
    )
    return shaped(turned, x.shape)
  }
  const positional = (): Value => {
    if (config.positions === 'learned') {
      return pick(weights['embed.pos.weight'], residual, (i) => i % (length * dModel))
    }
    const wave = (i: number) => {
      const [dim, pos] = [i % dModel, Math.floor(i / dModel) % length]
      const angle = pos * 10_000 ** (-(dim - (dim % 2)) / dModel)
      return dim % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
    }
    return leaf(
      residual,
      Array.from({ length: sizeOf(residual) }, (_, i) => wave(i)),
    )
  }
  const embedding = (): Value => {
    const row = (i: number) => Math.floor(i / dModel)
    if (!exemplars) {
      return pick(weights['embed.token.weight'], residual, (i) => ids.data[row(i)] * dModel + (i % dModel))
    }
    const { shape, data } = inputs.features
    const table = shaped(linear(leaf([1, ...shape], data), 'embed.exemplar', true), [shape[0], dModel])
    const both = concat(table, weights['embed.label.weight'])
    const rowOf = (b: number, pos: number) =>
      pos % 2 === 0
        ? ids.data[b * ids.shape[1] + pos / 2]
        : shape[0] + inputs.labels.data[b * inputs.labels.shape[1] + (pos - 1) / 2]
    return pick(both, residual, (i) => rowOf(Math.floor(row(i) / length), row(i) % length) * dModel + (i % dModel))
  }
  const softmax = (x: Value): Value => {
    const width = x.shape[x.shape.length - 1]
    const top = Array.from({ length: x.data.length / width }, (_, r) =>
      Math.max(...x.data.slice(r * width, (r + 1) * width)),
    )
    const exps = map(plus(x, along(leaf([top.length], top), x.shape), -1), Math.exp, (_, y) => y)
    return shaped(divide(exps, sumLast(exps)), x.shape)
  }
  const gelu = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
  const geluSlope = (x: number) => {
    const t = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))
    return (1 + t) / 2 + 0.5 * x * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x)
  }

  const equations: Record<string, Equation> = { embed: embedding }
  const added = config.positions === 'learned' || config.positions === 'sinusoidal'
  if (added) equations.pos_embed = positional
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `blocks.${layer}.${name}`
    const before: Equation =
      layer > 0
        ? (read) => read(`blocks.${layer - 1}.resid_post`)
        : added
          ? (read) => plus(read('embed'), read('pos_embed'))
          : (read) => read('embed')
    const project =
      (name: string): Equation =>
      (read) =>
        shaped(linear(normed(read, at('ln1'), at('resid_pre')), at(`attn.${name}`)), [batch, length, heads, dHead])
    const rotary = config.positions === 'rotary'
    Object.assign(equations, {
      [at('resid_pre')]: before,
      ...(norm === 'none' ? {} : normPoints(at('ln1'), at('resid_pre'))),
      [at('attn.q')]: project('q'),
      [at('attn.k')]: project('k'),
      [at('attn.v')]: project('v'),
      ...(rotary ? { [at('attn.rot_q')]: (read) => rotate(read(at('attn.q'))) } : {}),
      ...(rotary ? { [at('attn.rot_k')]: (read) => rotate(read(at('attn.k'))) } : {}),
      [at('attn.scores')]: (read) => {
        const [q, k] = [read(at(rotary ? 'attn.rot_q' : 'attn.q')), read(at(rotary ? 'attn.rot_k' : 'attn.k'))]
        const raw = map(
          einsum('bnhd,bmhd->bhnm', q, k),
          (x) => x / Math.sqrt(dHead),
          () => 1 / Math.sqrt(dHead),
        )
        const hidden = Array.from(raw.data, (_, i) => config.causal && i % length > Math.floor(i / length) % length)
        return overwrite(
          raw,
          leaf(
            raw.shape,
            raw.data.map(() => -1e20),
          ),
          hidden,
          'block',
        )
      },
      [at('attn.pattern')]: (read) => softmax(read(at('attn.scores'))),
      [at('attn.z')]: (read) => einsum('bhnm,bmhd->bnhd', read(at('attn.pattern')), read(at('attn.v'))),
      [at('attn.result')]: (read) =>
        einsum('bnhd,hdm->bnhm', read(at('attn.z')), shaped(weights[at('attn.out.weight')], [heads, dHead, dModel])),
      [at('attn_out')]: (read) => einsum('bnhm,h->bnm', read(at('attn.result')), leaf([heads], Array(heads).fill(1))),
    } satisfies Record<string, Equation>)
    const attended: Equation = (read) => plus(read(at('resid_pre')), read(at('attn_out')))
    if (config.mlpRatio === null) {
      equations[at('resid_post')] = attended
      continue
    }
    Object.assign(equations, {
      [at('resid_mid')]: attended,
      ...(norm === 'none' ? {} : normPoints(at('ln2'), at('resid_mid'))),
      [at('mlp.pre')]: (read) => linear(normed(read, at('ln2'), at('resid_mid')), at('mlp.in'), true),
      [at('mlp.post')]: (read) => map(read(at('mlp.pre')), gelu, geluSlope),
      [at('mlp_out')]: (read) => linear(read(at('mlp.post')), at('mlp.out'), true),
      [at('resid_post')]: (read) => plus(read(at('resid_mid')), read(at('mlp_out'))),
    } satisfies Record<string, Equation>)
  }
  const last = `blocks.${layers - 1}.resid_post`
  if (norm !== 'none') Object.assign(equations, normPoints('ln_final', last))
  equations.logits = (read) => {
    const x = normed(read, 'ln_final', last)
    const rows =
      readout === 'all'
        ? x
        : pick(x, [batch, 1, dModel], (i) => (Math.floor(i / dModel) * length + length - 1) * dModel + (i % dModel))
    return linear(rows, 'unembed', true)
  }
  equations.loss = (read) => {
    const logits = read('logits')
    const vocab = logits.shape[2]
    const targets = [...inputs.targets.data]
    const rows = targets.flatMap((target, row) => (target < 0 ? [] : [{ target, row }]))
    if (rows.length === 0) return leaf([], [0])
    const chosen = pick(logits, [rows.length, vocab], (i) => rows[Math.floor(i / vocab)].row * vocab + (i % vocab))
    // −log of a softmax, from the differences to the right logit: a probability may be too small to take the log of.
    const differences = plus(
      chosen,
      along(
        pick(chosen, [rows.length], (r) => r * vocab + rows[r].target),
        chosen.shape,
      ),
      -1,
    )
    const top = Float64Array.from(rows, (_, r) => Math.max(...differences.data.slice(r * vocab, (r + 1) * vocab)))
    const exps = map(plus(differences, along(leaf([rows.length], top), chosen.shape), -1), Math.exp, (_, y) => y)
    const logs = map(sumLast(exps), Math.log, (x) => 1 / x)
    const losses = plus(logs, leaf([rows.length], top))
    return shaped(einsum('r,r->', losses, leaf([rows.length], Array(rows.length).fill(1 / rows.length))), [])
  }
  return equations
}

/** A hook point's value from those of others. */
export type Equation = (read: (point: string) => Value) => Value
