import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { aRun, assemble, parseJson } from '../../src/config/index.ts'
import { filesIn } from '../../src/workers/surroundings.ts'

test('the configuration in docs/guide/cli.md is one', async () => {
  const [, text] = /^```json\n(.*?)^```$/ms.exec(readFileSync('docs/guide/cli.md', 'utf8')) ?? []
  const { model, task, options } = await assemble(parseJson(aRun, text, 'docs/guide/cli.md'), filesIn('docs/guide'))
  expect(model.hookPoints.has('blocks.1.attn.rot_q')).toBe(true)
  expect(task.config.heldOutLabels).toEqual([
    [1, 3],
    [0, 2],
  ])
  expect(options).toMatchObject({ sequences: 20_000, checkpointEvery: 5000 })
})
