import { repeat, repeatEach, shaped, square, sumLast, times, timesInverse } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type Equation, type Part, type Place, weightOf } from './part.ts'
import { map, plus, type Value } from './tape.ts'

/**
 * (x − mean) / √(variance + eps) · weight + bias [Ba et al. 2016]; x / √(mean x² + eps) · weight [Zhang, Sennrich 2019]; or x
 * as it is. Gain and bias come after the last hook point.
 */
export function norm(json: PartJson | undefined, place: Place, x: Equation): Part {
  if (json === undefined) return { points: {}, out: x }
  const [scale, normalized] = [`${place.prefix}scale`, `${place.prefix}normalized`]
  const centered: Equation = (read) => (json.kind === 'layernorm' ? withoutMean(x(read)) : x(read))
  return {
    points: {
      [scale]: (read) => rootMeanSquare(centered(read), json.eps),
      [normalized]: (read) => timesInverse(centered(read), read(scale)),
    },
    out(read) {
      const y = read(normalized)
      const gained = times(y, repeat(weightOf(place, 'weight'), y.shape))
      const biased = json.kind === 'layernorm' && json.bias
      return biased ? plus(gained, repeat(weightOf(place, 'bias'), y.shape)) : gained
    },
  }
}

function withoutMean(x: Value): Value {
  return plus(x, repeatEach(sumLast(x, 1 / x.shape[2]), x.shape), -1)
}

function rootMeanSquare(x: Value, eps: number): Value {
  const root = map(
    sumLast(square(x), 1 / x.shape[2]),
    (v) => Math.sqrt(v + eps),
    (_, y) => 0.5 / y,
  )
  return shaped(root, [...x.shape.slice(0, 2), 1])
}
