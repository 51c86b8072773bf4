import * as opsin from 'opsin'
import * as figures from 'opsin/figures'
import * as io from 'opsin/io'
import * as onnx from 'opsin/onnx'
import * as runtime from 'opsin/runtime'
import * as testing from 'opsin/testing'
import * as views from 'opsin/views'
import { describe, expect, it } from 'vitest'
import { type Call, calls } from './calls/index.ts'
import { faultOf } from './judge.ts'
import { Mutator } from './mutate.ts'

// FUZZ_CASES=1000000 asks for more, from FUZZ_FROM on; FUZZ_ONLY=name for those of one function.
const { FUZZ_CASES = '10000', FUZZ_FROM = '0', FUZZ_ONLY } = process.env
const [cases, from] = [Number(FUZZ_CASES), Number(FUZZ_FROM)]

const asked = calls.filter(({ name }) => FUZZ_ONLY === undefined || name === FUZZ_ONLY)
const shares = asked.flatMap((call) => new Array<Call>(call.share ?? 1).fill(call))

describe('what works', () => {
  it.each(calls.map((call) => [call.name, call] as const))('%s', async (_, call) => {
    await call.run(...call.args())
    expect(await faultOf(call, call.args(), [])).toBeUndefined()
  })

  it.each(Object.entries({ opsin, io, figures, views, testing, onnx, runtime }))(
    'is every function of %s',
    (_, door) => {
      const functions = Object.entries(door).filter(([, value]) => typeof value === 'function')
      const covered = [...calls.map(({ name }) => name), 'OpsinError', 'training']
      expect(functions.map(([name]) => name).filter((name) => !covered.includes(name))).toEqual([])
    },
  )
})

it(`${cases} cases of what plain JavaScript may hand to a function end well, or in an OpsinError`, async () => {
  const faults = new Map<string, string[]>()
  for (let number = from; number < from + cases; number++) {
    const mutator = new Mutator(number)
    const call = mutator.pick(shares)
    const { args, mutations } = mutator.mutate(call.args())
    const fault = await faultOf(call, args, mutations)
    if (fault === undefined) continue
    const changes = mutations.map(({ text }) => text).join('; ')
    const only = FUZZ_ONLY === undefined ? '' : `FUZZ_ONLY='${FUZZ_ONLY}' `
    const line = `${changes}    (${only}FUZZ_FROM=${number} FUZZ_CASES=1 npx vitest run --config test/vitest.config.ts test/fuzz)`
    const key = `${call.name}: ${fault}`
    faults.set(key, [...(faults.get(key) ?? []), line])
  }
  const report = [...faults].map(([fault, lines]) => `${fault}\n    ${lines.length} times, as ${lines[0]}`)
  const most = report.sort().slice(0, 100).join('\n')
  if (report.length > 0) throw new Error(`${report.length} faults:\n${most}`)
}, 600_000)
