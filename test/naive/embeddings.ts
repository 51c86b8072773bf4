import { beside, linear, shaped } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type Equation, type Part, type Place, weightOf } from './part.ts'
import { concat, leaf, pick, plus, sizeOf, type Value } from './tape.ts'

/** What a sequence is made of, embedded: [batch, pos, d_model]. */
export function embedding(json: PartJson, place: Place): Value {
  switch (json.kind) {
    case 'exemplars':
      return exemplars(place)
    case 'vectors': {
      const { shape, data } = place.inputs.vectors
      const given = leaf(shape, data)
      return json.readIn ? readIn(place, given, 'embed.vector') : given
    }
    case 'one-hot':
      return rows(leaf([json.vocab, json.vocab], identity(json.vocab, json.vocab)), place)
    default:
      return rows(weightOf(place, 'embed.token.weight'), place)
  }
}

/** The row of a table for each token. */
function rows(table: Value, { inputs: { tokens } }: Place): Value {
  const width = table.shape[1]
  return pick(table, [...tokens.shape, width], (i) => tokens.data[Math.floor(i / width)] * width + (i % width))
}

function readIn(place: Place, x: Value, name: string): Value {
  return linear(x, weightOf(place, `${name}.weight`), weightOf(place, `${name}.bias`))
}

/** Exemplars and their labels take turns, and a query exemplar ends the sequence. */
function exemplars(place: Place): Value {
  const { exemplars, labels, features } = place.inputs
  const { shape, data } = features
  const read = readIn(place, leaf([1, ...shape], data), 'embed.exemplar')
  const width = read.shape[2]
  const [batch, count] = exemplars.shape
  const length = 2 * count - 1
  const rowOf = (b: number, pos: number) =>
    pos % 2 === 0 ? exemplars.data[b * count + pos / 2] : shape[0] + labels.data[b * (count - 1) + (pos - 1) / 2]
  const table = concat(shaped(read, [shape[0], width]), weightOf(place, 'embed.label.weight'))
  return pick(table, [batch, length, width], (i) => {
    const row = Math.floor(i / width)
    return rowOf(Math.floor(row / length), row % length) * width + (i % width)
  })
}

/** Positions joined to an embedding of some shape. */
export function positioned(json: PartJson | undefined, place: Place, shape: readonly number[]): Part {
  const embed: Equation = (read) => read('embed')
  if (json === undefined) return { points: {}, out: embed }
  const join = json.kind === 'one-hot' ? beside : plus
  return {
    points: { pos_embed: () => positions(json, place, shape) },
    out: (read) => join(embed(read), read('pos_embed')),
  }
}

function positions(json: PartJson, place: Place, [batch, length, width]: readonly number[]): Value {
  switch (json.kind) {
    case 'learned':
      return pick(weightOf(place, 'embed.pos.weight'), [batch, length, width], (i) => i % (length * width))
    case 'one-hot':
      return constant([batch, length, json.maxLength], (pos, dim) => Number(pos === dim))
    default:
      return constant([batch, length, width], (pos, dim) => {
        const angle = pos * 10_000 ** (-(dim - (dim % 2)) / width)
        return dim % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
      })
  }
}

function constant(shape: readonly number[], at: (pos: number, dim: number) => number): Value {
  const [, length, width] = shape
  return leaf(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => at(Math.floor(i / width) % length, i % width)),
  )
}

function identity(count: number, width: number): number[] {
  return Array.from({ length: count * width }, (_, i) => Number(Math.floor(i / width) === i % width))
}
