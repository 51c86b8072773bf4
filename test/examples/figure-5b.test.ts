import { readFileSync } from 'node:fs'
import { curve, fewShot, fromIclDynamics, initialize, runWithCache } from 'opsin'
import { conditions5b } from 'opsin/reproduce'
import { describe, expect, test } from 'vitest'
import { conditions, model } from '../../examples/figure-5b/conditions.ts'
import { study } from '../../examples/figure-5b/run.ts'

const expected = JSON.parse(readFileSync('examples/figure-5b/expected.json', 'utf8'))
const names = Object.keys(conditions) as (keyof typeof conditions5b)[]

describe('examples/figure-5b', () => {
  test('starts as expected.json says', async () => {
    const runs = await study(expected.start.sequences)
    for (const name of names) {
      const loss = curve(runs[name]).at(-1)?.[1]
      expect(loss, name).toBeGreaterThan(expected.start.losses[name] - expected.start.tolerance)
      expect(loss, name).toBeLessThan(expected.start.losses[name] + expected.start.tolerance)
    }
  })

  test.each(names)('%s: the same clamps as the authors’ options', async (name) => {
    const task = fewShot({ classes: 50, labels: 5 })
    const inputs = { ...task.tables, ...task.evaluator('train', 4) }
    const cache = ['logits', 'grad(blocks.0.attn.q)', 'grad(embed)'] as const
    const options = { cache, engine: 'reference' } as const
    const [mine, theirs] = await Promise.all(
      [conditions[name], fromIclDynamics(model, conditions5b[name])].map((interventions) =>
        runWithCache(model, initialize(model, 5), inputs, { ...options, interventions }),
      ),
    )
    for (const point of cache) expect(mine.cache[point].data, point).toEqual(theirs.cache[point].data)
  })

  test('every condition has expected losses', () => {
    expect(Object.keys(expected.end.losses)).toEqual(names)
  })
})
