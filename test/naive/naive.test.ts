import { describe, expect, it } from 'vitest'
import { caseOf } from './cases.ts'
import { compare, type Verdict } from './compare.ts'
import { compareRun, runCaseOf } from './runs.ts'

/** How many random cases, and the first one's seed: OPSIN_CASES=1000000 OPSIN_SEED=7 on request. */
const count = Number(process.env.OPSIN_CASES ?? 1000)
const first = Number(process.env.OPSIN_SEED ?? 1)

/** A run costs as much as a dozen steps. */
const runs = Math.ceil(count / 20)

async function disagreements(seeds: number, verdictOf: (seed: number) => Promise<Verdict>): Promise<string[]> {
  const off: string[] = []
  let ran = 0
  for (let seed = first; seed < first + seeds; seed++) {
    const verdict = await verdictOf(seed)
    if (!verdict.agrees) off.push(`${seed}: ${verdict.what}`)
    else if (verdict.how === 'ran') ran++
  }
  // Most of them must have something to compare.
  expect(ran).toBeGreaterThan(seeds / 2)
  return off
}

describe('random interventions on random models', () => {
  it(`are what a naive interpreter makes of a step, ${count} cases from ${first}`, {
    timeout: 36_000_000,
  }, async () => {
    expect(await disagreements(count, (seed) => compare(caseOf(seed)))).toEqual([])
  })

  it(`are what it makes of a run, ${runs} cases from ${first}`, { timeout: 36_000_000 }, async () => {
    expect(await disagreements(runs, (seed) => compareRun(runCaseOf(seed)))).toEqual([])
  })
})
