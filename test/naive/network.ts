import type { Model, Objective, Tensor } from 'opsin'
import { beside, scaled } from './arithmetic.ts'
import { attention } from './attention.ts'
import { type BlockJson, type Composition, compositionOf, type PartJson } from './composition.ts'
import { embedding, positioned } from './embeddings.ts'
import { lossOf } from './losses.ts'
import { mlp } from './mlps.ts'
import { norm } from './norms.ts'
import { type Equation, type Equations, inside, type Part, type Place, type Weights } from './part.ts'
import { logits } from './readouts.ts'
import { plus, type Value } from './tape.ts'

/** A model and what it is trained for. */
export interface Learner {
  readonly model: Model
  readonly objective: Objective
}

/**
 * A transformer as one equation per hook point: the value there before anything is done to it, from the values of other
 * points as they are after all that was done to those.
 */
export function equationsOf(
  { model, objective }: Learner,
  weights: Weights,
  inputs: Readonly<Record<string, Tensor>>,
  looksAhead: boolean,
): Equations {
  const composition = compositionOf(model)
  const place: Place = { prefix: '', weights, inputs, causal: model.causal, looksAhead }
  const start = positioned(composition.positions, place, embedding(composition.inputs, place).shape)
  const blocks = blocksOf(composition, place, start.out)
  const last = norm(composition.norm, inside(place, 'ln_final.'), blocks.out)
  const points = Object.entries(composition.readouts).map(([name, json]) => readout(json, place, name, last.out))
  return {
    embed: () => embedding(composition.inputs, place),
    ...start.points,
    ...blocks.points,
    ...last.points,
    ...Object.assign({}, ...points),
    ...losses(objective, place),
  }
}

/** The points of a read-out: one alone has no prefix, and no point for what it reads. */
function readout(json: PartJson, place: Place, name: string, x: Equation): Equations {
  if (name === '') return { logits: (read) => logits(json, place, x(read)) }
  const own = inside(place, `readouts.${name}.`)
  return {
    [`${own.prefix}input`]: x,
    [`${own.prefix}logits`]: (read) => logits(json, own, read(`${own.prefix}input`)),
  }
}

/** The loss of the only read-out, or those of several and their weighted sum. */
function losses({ kind, options }: Objective, { inputs }: Place): Equations {
  if (kind !== 'weighted-sum') {
    const json = { kind, ...options }
    return { loss: (read) => lossOf(json, read('logits'), inputs.targets, inputs.weights) }
  }
  const all = Object.entries(options as Record<string, { objective: PartJson; weight: number }>)
  const own = all.map(([name, { objective }]): [string, Equation] => [
    `readouts.${name}.loss`,
    (read) => lossOf(objective, read(`readouts.${name}.logits`), inputs[`targets/${name}`], inputs[`weights/${name}`]),
  ])
  return {
    ...Object.fromEntries(own),
    loss: (read) =>
      all.map(([name, { weight }]) => scaled(read(`readouts.${name}.loss`), weight)).reduce((a, b) => plus(a, b)),
  }
}

function blocksOf({ blocks }: Composition, place: Place, start: Equation): Part {
  const all: Equations = {}
  let out = start
  for (const [i, json] of blocks.entries()) {
    const part = block(json, inside(place, `blocks.${i}.`), out)
    Object.assign(all, part.points)
    out = part.out
  }
  return { points: all, out }
}

/** How what a mixer or an MLP gives is joined to the stream. */
const joins: Readonly<Record<string, (x: Value, out: Value) => Value>> = {
  add: (x, out) => plus(x, out),
  concat: beside,
  none: (_, out) => out,
}

/** A mixer, an MLP, or both, each behind a norm and joined to the stream; in parallel both read what the block is given. */
function block(json: BlockJson, place: Place, before: Equation): Part {
  const at = (name: string) => place.prefix + name
  const join = joins[json.residual?.kind ?? 'add']
  const joined =
    (stream: Equation, name: string): Equation =>
    (read) =>
      join(stream(read), read(at(name)))
  const points: Equations = { [at('resid_pre')]: before }
  const first: Equation = (read) => read(at('resid_pre'))
  let stream = first
  if (json.mixer !== undefined) {
    const normed = norm(json.norm, inside(place, 'ln1.'), first)
    const mixer = attention(json.mixer, place, normed.out)
    Object.assign(points, normed.points, mixer.points, { [at('attn_out')]: mixer.out })
    stream = joined(first, 'attn_out')
  }
  if (json.mlp !== undefined) {
    if (json.mixer !== undefined && !json.parallel) {
      points[at('resid_mid')] = stream
      stream = (read) => read(at('resid_mid'))
    }
    const normed = norm(json.norm, inside(place, 'ln2.'), json.parallel ? first : stream)
    const hidden = mlp(json.mlp, place, normed.out)
    Object.assign(points, normed.points, hidden.points, { [at('mlp_out')]: hidden.out })
    stream = joined(stream, 'mlp_out')
  }
  points[at('resid_post')] = stream
  return { points, out: (read) => read(at('resid_post')) }
}
