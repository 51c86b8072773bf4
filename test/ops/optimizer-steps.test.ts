import { describe, it } from 'vitest'
import { adam } from '../../src/ops/adam.ts'
import { momentum } from '../../src/ops/momentum.ts'
import { sgd } from '../../src/ops/sgd.ts'
import { expectClose, floats, runOp } from '../support/run-op.ts'

const g = floats([2], [0.5, 4])

describe('optimiser steps', () => {
  it('adam moves by the learning rate at its first step, whatever the size of the gradient', () => {
    const start = floats([6], [1, -1, 0, 0, 0, 0])
    const rates = floats([2], [0.1 / (1 - 0.9), 1 / (1 - 0.999)])
    const attrs = { beta1: 0.9, beta2: 0.999, eps: 0 }
    expectClose(runOp(adam, attrs, start, g, rates), [0.9, -1.1, 0.05, 0.4, 0.00025, 0.016])
  })

  it('adam adds eps outside the root', () => {
    const rates = floats([2], [2, 4])
    const state = floats([3], [0, 3, 1])
    expectClose(runOp(adam, { beta1: 1, beta2: 1, eps: 1 }, state, floats([1], [9]), rates), [-6 / 3, 3, 1])
  })

  it('what is remembered keeps its share of the past', () => {
    const state = floats([3], [0, 1, -1])
    const attrs = { beta1: 0.75, beta2: 0.75, eps: 1 }
    expectClose(runOp(adam, attrs, state, floats([1], [0.5]), floats([2], [0, 0])), [0, 0.875, -0.6875])
    expectClose(
      runOp(momentum, { decay: 0.5 }, floats([4], [1, -1, 1, -1]), g, floats([1], [0.1])),
      [0.9, -1.35, 1, 3.5],
    )
  })

  it('sgd goes down the gradient', () => {
    expectClose(runOp(sgd, {}, floats([2], [1, -1]), g, floats([1], [0.1])), [0.95, -1.4])
  })
})
