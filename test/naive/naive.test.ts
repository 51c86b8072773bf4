import { describe, expect, it } from 'vitest'
import { caseOf } from './cases.ts'
import { compare } from './compare.ts'

/** How many random cases, and the first one's seed: OPSIN_CASES=1000000 OPSIN_SEED=7 on request. */
const count = Number(process.env.OPSIN_CASES ?? 1000)
const first = Number(process.env.OPSIN_SEED ?? 1)

describe('random interventions on random models', () => {
  it(`are what a naive interpreter makes of them, ${count} cases from ${first}`, { timeout: 36_000_000 }, async () => {
    const off: string[] = []
    const tally: Record<string, number> = {}
    for (let seed = first; seed < first + count; seed++) {
      const verdict = await compare(caseOf(seed))
      if (!verdict.agrees) off.push(`${seed}: ${verdict.what}`)
      const how = verdict.agrees ? verdict.how : 'DISAGREES'
      tally[how] = (tally[how] ?? 0) + 1
    }
    console.log(tally)
    expect(off.slice(0, 40)).toEqual([])
  })
})
