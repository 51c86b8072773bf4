import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axesOf } from '../../src/graph/axes.ts'
import type { OpDef } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { type Change, changesOf, twinOf } from '../support/op-axes.ts'
import { drawCase, type OpCase } from '../support/op-case.ts'
import { checkAxes, checkLinear, checkLoop, checkSummed, checkTables, checkZeros } from '../support/op-rows.ts'

const all: readonly OpDef[] = Object.values(ops)

describe.each(all.map((op) => [op.name, op] as const))('%s', (_, op) => {
  it('says of every loop which axis of each input it runs over', () => {
    onSamples(op, ({ call }) => void axesOf(op, call))
  })

  it('computes rows alone where it has a loop over them', () => {
    onSamples(op, (opCase, seed) => {
      axesOf(op, opCase.call).output.forEach((loop, axis) => {
        if (loop !== null) checkLoop(opCase, axis, loop, seed)
      })
    })
  })

  it('is linear in the inputs of which it says so', () => {
    onSamples(op, (opCase) => {
      for (const i of axesOf(op, opCase.call).linear ?? []) checkLinear(opCase, i)
    })
  })

  it('can do without what is zero in one input where it sums over products', () => {
    onSamples(op, (opCase, seed) => {
      for (const over of axesOf(op, opCase.call).summed ?? []) checkSummed(opCase, over, seed)
    })
  })

  it('gives the same without rows of zeros, and on a table that is looked up later', () => {
    onSamples(op, (opCase, seed) => {
      checkZeros(opCase, seed)
      checkTables(opCase)
    })
  })

  it('is caught where it says anything else of its axes', () => {
    const missed = changesOf(casesOf(op, 40)).flatMap((change) => (isMissed(op, change) ? [change.what] : []))
    const known = unsaid[op.name] ?? []
    expect(missed.filter((what) => !known.some((start) => what.startsWith(start)))).toEqual([])
    expect(known.filter((start) => !missed.some((what) => what.startsWith(start)))).toEqual([])
  })
})

/** What is true too of an op, and of no use to any pass: how the changes begin that nothing can show to be wrong. */
const unsaid: Readonly<Record<string, readonly string[]>> = {
  'binary-cross-entropy.vjp': ['linear in input 0'],
  'clip-factor': ['summed over'],
  'cross-entropy.vjp': ['linear in input 2'],
  'match-pattern': ['summed over axis 2 of input 0'],
  sgd: ['a loop over axis 0'],
  'soft-cross-entropy': ['linear in input 1'],
  'soft-cross-entropy.vjp': ['linear in input 0', 'linear in input 2'],
  'squared-error.vjp': ['linear in input 0'],
  'weighted-cross-entropy.vjp': ['linear in input 0'],
}

/** Whether no sample in which the op would say something else shows that it is wrong. */
function isMissed(op: OpDef, change: Change): boolean {
  let applies = false
  for (let seed = 0; seed < 300; seed++) {
    const twin = twinOf(drawCase(op, seed, 'f64'), change)
    if (twin === undefined) continue
    applies = true
    if (isCaught(twin, seed)) return false
  }
  return applies
}

function casesOf(op: OpDef, count: number): OpCase[] {
  return Array.from({ length: count }, (_, seed) => drawCase(op, seed, 'f64'))
}

function onSamples(op: OpDef, check: (opCase: OpCase, seed: number) => void): void {
  const property = fc.property(fc.nat(), (seed) => check(drawCase(op, seed, 'f64'), seed))
  fc.assert(property, { numRuns: 25, seed: 2024 })
}

function isCaught(opCase: OpCase, seed: number): boolean {
  try {
    checkAxes(opCase, seed)
    return false
  } catch {
    return true
  }
}
