import { exp } from '../core/exact-math.ts'
import type { OnnxContext } from './define.ts'
import { elementwise } from './shared/elementwise.ts'

// y = x Φ(x), Φ(x) = (1 + erf(x / √2)) / 2        dx = g (Φ(x) + x φ(x)), φ(x) = e^(−x²/2) / √(2π)
// Hendrycks, Gimpel 2016 (arXiv 1606.08415), without the tanh approximation: the form of GPT-NeoX and BERT.

export const [geluExact, geluExactVjp] = elementwise('gelu-exact', {
  formula: 'y = x Φ(x), Φ(x) = (1 + erf(x / √2)) / 2',
  value: (x) => x * cumulative(x),
  slopeFormula: 'dx = g (Φ(x) + x φ(x)), φ(x) = e^(−x²/2) / √(2π)',
  slope: (x) => cumulative(x) + x * exp((-x * x) / 2) * Math.sqrt(1 / (2 * Math.PI)),
  onnx: (x, context) => context.node('Mul', [x, lowerCumulative(x, context)]),
  onnxSlope(x, context) {
    const { node, floats } = context
    const density = node('Exp', [node('Mul', [node('Mul', [x, x]), floats([-0.5], [])])])
    const steep = node('Mul', [x, node('Mul', [density, floats([Math.sqrt(1 / (2 * Math.PI))], [])])])
    return node('Add', [lowerCumulative(x, context), steep])
  },
})

/** Φ(x) */
function cumulative(x: number): number {
  return (1 + errorFunction(x * Math.SQRT1_2)) / 2
}

/** erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)): no term has another sign, so nothing cancels. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * exp(-x * x) * sum
}

function lowerCumulative(x: string, { node, floats }: OnnxContext<unknown>): string {
  const erf = node('Erf', [node('Mul', [x, floats([Math.SQRT1_2], [])])])
  return node('Mul', [node('Add', [erf, floats([1], [])]), floats([0.5], [])])
}
