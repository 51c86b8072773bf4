import { sameShape } from '../../core/shape.ts'
import { float, requireInputs, type ValueType } from '../define.ts'

/**
 * The type rule of optimiser steps: floats of one shape, all named in `names`, then `rates` numbers that change from
 * step to step, if any.
 */
export function inferStep(op: string, inputs: readonly ValueType[], names: readonly string[], rates = 0): ValueType {
  const own = inputs.slice(0, names.length)
  const given = inputs.slice(names.length)
  const expected = `floats ${names.join(', ')} of one shape${rates > 0 ? ` and float rates [${rates}]` : ''}`
  const fits =
    own.length === names.length &&
    own.every(({ shape }) => sameShape(shape, own[0].shape)) &&
    inputs.every(({ dtype }) => dtype === 'float') &&
    (rates > 0 ? given.length === 1 && sameShape(given[0].shape, [rates]) : given.length === 0)
  requireInputs(op, inputs, expected, fits)
  return float(own[0].shape)
}

/** Rows of a step: along every axis the same row of each input of the output's shape; the rates are shared. */
export function stepRows(rates: boolean) {
  return ({ inputs, shape }: { inputs: readonly unknown[]; shape: readonly number[] }): (number | null)[][] =>
    shape.map((_, axis) => inputs.map((_, i) => (rates && i === inputs.length - 1 ? null : axis)))
}
