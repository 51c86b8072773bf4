import { describe, it } from 'vitest'
import { adam } from '../../src/ops/adam.ts'
import { ema, emaSquare } from '../../src/ops/ema.ts'
import { momentum } from '../../src/ops/momentum.ts'
import { sgd } from '../../src/ops/sgd.ts'
import { expectClose, floats, runOp } from '../support/run-op.ts'

const [p, g] = [floats([2], [1, -1]), floats([2], [0.5, 4])]

describe('optimiser steps', () => {
  it('adam moves by the learning rate at its first step, whatever the size of the gradient', () => {
    const zero = floats([2], [0, 0])
    const m = floats([2], runOp(ema, { decay: 0.9 }, zero, g))
    const v = floats([2], runOp(emaSquare, { decay: 0.999 }, zero, g))
    const rates = floats([2], [0.1 / (1 - 0.9), 1 / (1 - 0.999)])
    expectClose(runOp(adam, { eps: 0 }, p, m, v, rates), [0.9, -1.1])
  })

  it('adam adds eps outside the root', () => {
    const rates = floats([2], [2, 4])
    expectClose(runOp(adam, { eps: 1 }, floats([1], [0]), floats([1], [3]), floats([1], [1]), rates), [-6 / 3])
  })

  it('moments keep their share of the past', () => {
    expectClose(runOp(ema, { decay: 0.75 }, p, g), [0.875, 0.25])
    expectClose(runOp(emaSquare, { decay: 0.75 }, p, g), [0.8125, 3.25])
    expectClose(runOp(momentum, { decay: 0.5 }, p, g), [1, 3.5])
  })

  it('sgd goes down the gradient', () => {
    expectClose(runOp(sgd, {}, p, g, floats([1], [0.1])), [0.95, -1.4])
  })
})
