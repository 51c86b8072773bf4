import { claims5b, conditions5b, published5b } from 'opsin/reproduce'
import { describe, expect, test } from 'vitest'

const names = Object.keys(conditions5b) as (keyof typeof published5b)[]

/** The published curves, some of them changed. */
function changed(changes: Partial<Record<keyof typeof published5b, (at: number, loss: number) => number>>) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      published5b[name].map(([at, loss]) => [at, changes[name]?.(at, loss) ?? loss] as const),
    ]),
  ) as unknown as typeof published5b
}

/** The claims that do not hold, by how they begin. */
function broken(curves: typeof published5b): string[] {
  return claims5b(curves).flatMap(({ claim, holds }) => (holds ? [] : [claim.slice(0, 20)]))
}

describe('claims of figure 5b', () => {
  test('all hold for the published curves', () => {
    expect(claims5b(published5b).map(({ holds }) => holds)).toEqual(new Array(8).fill(true))
  })

  test('each says what it measured, in sequences', () => {
    for (const { claim, measured } of claims5b(published5b)) {
      expect(claim.length).toBeGreaterThan(20)
      expect(measured).toMatch(/\d/)
    }
  })

  test.each([
    ['{1} brings the phase', '{1}', (at: number) => published5b.none.find(([when]) => when === at)?.[1] ?? 1.7],
    ['{1,2} starts slowly ', '{1,2}', (_: number, loss: number) => loss / 2],
    ['{1,2} has solved the', '{1,2}', (_: number, loss: number) => loss + 0.1],
    ['match and layer 1 + ', 'match', (_: number, loss: number) => loss + 0.2],
    ['none and {1} are sti', 'none', (_: number, loss: number) => loss * 0.9],
    ['only none and {1} ha', 'copy', () => 0.7],
    ['copy pauses shortly ', 'copy', (at: number) => Math.max(0, 0.85 - at / 1e5)],
    ['at 1e5 sequences: la', 'layer 1 + copy', (_: number, loss: number) => loss * 2],
  ] as const)('"%s…" does not hold when %s is another curve', (claim, name, change) => {
    expect(broken(changed({ [name]: change }))).toContain(claim)
  })

  test('are not reached by curves that are too short', () => {
    const short = Object.fromEntries(
      names.map((name) => [name, published5b[name].slice(0, 4)]),
    ) as unknown as typeof published5b
    for (const { holds, measured } of claims5b(short)) {
      expect(holds).toBeNull()
      expect(measured).toMatch(/^not reached/)
    }
  })

  test('a curve that learned in time and one that did not in all of it is no gain that can be measured', () => {
    const never = changed({ none: () => 0.7, '{1}': () => 0.7 })
    expect(claims5b(never).find(({ claim }) => claim.startsWith('{1} brings'))?.holds).toBeNull()
  })
})
