import { erf, linear, sigmoidOf, times } from './arithmetic.ts'
import type { PartJson } from './composition.ts'
import { type Equation, type Part, type Place, weightOf } from './part.ts'
import { map, type Value } from './tape.ts'

/** A function of one number, and its derivative. */
type Curve = readonly [(x: number) => number, (x: number) => number]

const ROOT = Math.sqrt(2 / Math.PI)
const cubic = (x: number) => Math.tanh(ROOT * (x + 0.044715 * x ** 3))
const normalBelow = (x: number) => (1 + erf(x / Math.SQRT2)) / 2
const normalAt = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)

/** By kind of MLP: what is done to each hidden value. */
const activations: Readonly<Record<string, Curve>> = {
  gelu: [
    (x) => 0.5 * x * (1 + cubic(x)),
    (x) => (1 + cubic(x)) / 2 + 0.5 * x * (1 - cubic(x) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x),
  ],
  'gelu-exact': [(x) => x * normalBelow(x), (x) => normalBelow(x) + x * normalAt(x)],
  relu: [(x) => Math.max(x, 0), (x) => Number(x > 0)],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
}

const silu: Curve = [(x) => x * sigmoidOf(x), (x) => sigmoidOf(x) * (1 + x * (1 - sigmoidOf(x)))]

const along = (x: Value, [f, slope]: Curve) => map(x, f, slope)

/** f(x W_in + b_in) W_out + b_out, or (silu(x W_gate) · x W_in) W_out. */
export function mlp(json: PartJson, place: Place, x: Equation): Part {
  const [gate, pre, post] = ['gate', 'pre', 'post'].map((name) => `${place.prefix}mlp.${name}`)
  const gated = json.kind === 'swiglu'
  const through =
    (name: string): Equation =>
    (read) =>
      layer(place, x(read), name, !gated && json.bias)
  return {
    points: {
      ...(gated ? { [gate]: through('gate') } : {}),
      [pre]: through('in'),
      [post]: gated
        ? (read) => times(along(read(gate), silu), read(pre))
        : (read) => along(read(pre), activations[json.kind]),
    },
    out: (read) => layer(place, read(post), 'out', !gated && json.bias),
  }
}

function layer(place: Place, x: Value, name: string, biased: boolean): Value {
  const bias = biased ? weightOf(place, `mlp.${name}.bias`) : undefined
  return linear(x, weightOf(place, `mlp.${name}.weight`), bias)
}
