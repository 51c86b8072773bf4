import { sameShape } from '../../core/shape.ts'
import { float, type OnnxContext, requireInputs, type SampleInput, type ValueType } from '../define.ts'

/**
 * The type rule of optimiser steps. Their state is one vector: the parameters, then each thing that the rule remembers,
 * all of the same length (`parts`). Gradients are a vector of that length; `rates` numbers change from step to step.
 */
export function inferStep(
  op: string,
  inputs: readonly ValueType[],
  parts: readonly string[],
  rates: number,
): ValueType {
  const [state, g, given] = inputs
  requireInputs(
    op,
    inputs,
    `floats: state [${parts.length} × n] (${parts.join(', then ')}), g [n], rates [${rates}]`,
    inputs.length === 3 &&
      inputs.every(({ dtype, shape }) => dtype === 'float' && shape.length === 1) &&
      state.shape[0] === parts.length * g.shape[0] &&
      sameShape(given.shape, [rates]),
  )
  return float(state.shape)
}

/** Keeps a factor finite where all gradients are zero; PyTorch's clip_grad_norm_ has the same. */
export const CLIP_EPS = 1e-6

/** A state of so many parts of one length, gradients and rates. */
export function sampleStep(n: number, parts: number, rates: number): SampleInput[] {
  return [{ shape: [parts * n], positive: true }, { shape: [n] }, { shape: [rates], positive: true }]
}

/** One part of the state, [n]. */
export function onnxPart({ names: [state], inputs: [, g], node, int64s }: OnnxContext<unknown>, part: number): string {
  const [n] = g
  return node('Slice', [state, int64s([part * n], [1]), int64s([(part + 1) * n], [1])])
}

/** One of the rates, a scalar. */
export function onnxRate({ names, node, int64s }: OnnxContext<unknown>, rate: number): string {
  return node('Gather', [names[2], int64s([rate], [])], { axis: 0 })
}
