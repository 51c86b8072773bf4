import { linear } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type Place, weightOf } from './part.ts'
import { pick, type Value } from './tape.ts'

/** x [batch, pos, d_model] → logits [batch, pos or 1, outputs]. */
export function logits(json: PartJson, place: Place, x: Value): Value {
  const read = json.at === 'last' ? lastOf(x) : x
  switch (json.kind) {
    case 'linear':
      return linear(read, weightOf(place, 'unembed.weight'), json.bias ? weightOf(place, 'unembed.bias') : undefined)
    case 'tied':
      return linear(read, transposed(place.weights['embed.token.weight']))
    default:
      return json.features === undefined ? read : featuresOf(read, json.features)
  }
}

function lastOf(x: Value): Value {
  const [batch, length, width] = x.shape
  return pick(x, [batch, 1, width], (i) => (Math.floor(i / width) * length + length - 1) * width + (i % width))
}

function transposed(x: Value): Value {
  const [rows, columns] = x.shape
  return pick(x, [columns, rows], (i) => (i % rows) * columns + Math.floor(i / rows))
}

function featuresOf(x: Value, features: readonly number[]): Value {
  const [batch, length, width] = x.shape
  const count = features.length
  return pick(x, [batch, length, count], (i) => Math.floor(i / count) * width + features[i % count])
}
