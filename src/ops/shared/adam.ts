import type { NumberArray } from '../../core/dtype.ts'
import type { Draw, OnnxContext, Sample } from '../define.ts'
import { onnxPart, onnxRate, sampleStep } from './optimizer.ts'

// m' = β1 m + (1 − β1) g        v' = β2 v + (1 − β2) g²        p' = keep · p − rates[0] · m' / (√(v' · rates[1]) + eps)
// state [3 n] is p, then m, then v; g [n]. Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1.
// The bias corrections of step t are in the rates: rates = [learning rate / (1 − β1^t), 1 / (1 − β2^t), …].

export interface AdamAttrs {
  readonly beta1: number
  readonly beta2: number
  readonly eps: number
}

/** @param keep what is left of a parameter before the step; 1 for all of it */
export function adamForward(
  out: NumberArray,
  [state, g, rates]: readonly NumberArray[],
  { beta1, beta2, eps }: AdamAttrs,
  keep: number,
): void {
  const n = g.length
  for (let i = 0; i < n; i++) {
    const m = beta1 * state[n + i] + (1 - beta1) * g[i]
    const v = beta2 * state[2 * n + i] + (1 - beta2) * g[i] * g[i]
    out[i] = keep * state[i] - (rates[0] * m) / (Math.sqrt(v * rates[1]) + eps)
    out[n + i] = m
    out[2 * n + i] = v
  }
}

/** @param kept the parameters that the step starts from, [n] */
export function adamOnnx(context: OnnxContext<AdamAttrs>, kept: string): string {
  const { names, attrs, node, floats } = context
  const [, g] = names
  const mean = (old: string, value: string, decay: number) =>
    node('Add', [node('Mul', [old, floats([decay], [])]), node('Mul', [value, floats([1 - decay], [])])])
  const m = mean(onnxPart(context, 1), g, attrs.beta1)
  const v = mean(onnxPart(context, 2), node('Mul', [g, g]), attrs.beta2)
  const size = node('Add', [node('Sqrt', [node('Mul', [v, onnxRate(context, 1)])]), floats([attrs.eps], [])])
  const step = node('Div', [node('Mul', [m, onnxRate(context, 0)]), size])
  return node('Concat', [node('Sub', [kept, step]), m, v], { axis: 0 })
}

export function adamSample(draw: Draw, rates: number): Sample<AdamAttrs> {
  const [beta1, beta2] = [draw.number(0.5, 0.95), draw.number(0.9, 0.999)]
  return { inputs: sampleStep(draw.size(), 3, rates), attrs: { beta1, beta2, eps: draw.pick([1e-8, 1e-3]) } }
}
