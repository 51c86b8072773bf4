import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GraphBuilder } from '../../src/graph/build.ts'
import type { OpDef } from '../../src/ops/define.ts'
import { ops } from '../../src/ops/registry.ts'
import { checkGradient, drawFrom } from '../../src/testing/index.ts'
import { guarded } from '../support/guarded.ts'
import {
  buildCase,
  drawCase,
  emptyOutput,
  inputName,
  overOf,
  reachedInputs,
  referenceOutput,
} from '../support/op-case.ts'

const all: readonly OpDef[] = Object.values(ops)

/** Runs a check on random samples of an op; what to repeat on failure is the seed in the message. */
function onSamples(check: (seed: number) => void, numRuns = 25): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns, seed: 2024 })
}

describe('the index of ops', () => {
  const folder = new URL('../../src/ops/', import.meta.url)
  const index = readFileSync(new URL('index.ts', folder), 'utf8')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const besides = ['define.ts', 'index.ts', 'registry.ts']

  it.each(files.filter((file) => !besides.includes(file)))('exports %s', (file) => {
    expect(index.split('\n').filter((line) => line.includes(`'./${file}'`))).toEqual([`export * from './${file}'`])
  })
})

describe.each(all.map((op) => [op.name, op] as const))('%s', (_, op) => {
  it('assigns every element of its output, reads nothing outside its inputs and leaves them alone', () => {
    onSamples((seed) => {
      const opCase = drawCase(op, seed, 'f64')
      const out = emptyOutput(opCase, 'f64')
      const inputs = opCase.values.map(({ data }, i) => guarded(data, inputName(i), true))
      op.forward(guarded(out, 'out', false), inputs, opCase.call)
      expect(Array.from(out).filter((value) => Number.isNaN(value) || value === -0x7fffffff)).toEqual([])
    })
  })

  it('refuses inputs that are missing', () => {
    const { values, call } = drawCase(op, 0, 'f64')
    if (values.length === 0) return
    expect(() => op.infer([], call.attrs)).toThrow(op.name)
  })

  it('has attributes that are plain JSON', () => {
    onSamples((seed) => {
      const { attrs } = op.sample(drawFrom(seed))
      expect(JSON.parse(JSON.stringify(attrs))).toEqual(attrs)
    })
  })

  if (op.vjp !== 'none') {
    it('has the gradient that finite differences find', () => {
      let met = 0
      onSamples((seed) => {
        const opCase = drawCase(op, seed, 'f64')
        const reached = reachedInputs(opCase)
        if (opCase.type.dtype === 'float') met++
        if (!reached.includes(true)) return
        const values = Object.fromEntries(opCase.values.map(({ data }, i) => [inputName(i), data]))
        const build = (builder: GraphBuilder) => buildCase(builder, opCase, (i) => (reached[i] ? 'parameter' : 'batch'))
        checkGradient(build, { seed, values })
      }, 15)
      expect(met).toBeGreaterThan(0)
    })
  }

  const over = overOf(op)
  if (over !== undefined) {
    it('computes the same over its own input', () => {
      onSamples((seed) => {
        const opCase = drawCase(op, seed, 'f64')
        const expected = referenceOutput(opCase, 'f64')
        const inputs = opCase.values.map(({ data }) => data)
        op.forward(inputs[over], inputs, opCase.call)
        expect(inputs[over]).toEqual(expected)
      })
    })
  }
})
