import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readRecording } from '../../src/cli/read-recording.ts'
import { replay } from '../../src/reproduce/replay.ts'

// Runs of the authors' own code, kept beside the repository; without them there is nothing to compare with.
const folder = new URL('../../../shared/recordings', import.meta.url).pathname
const there = existsSync(folder)
const names = there
  ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/recording.json`))
  : ['(no ../shared)']

// The reference engine takes 0.1 s a step; OPSIN_FULL=1 replays every step that was recorded (half an hour).
const full = process.env.OPSIN_FULL === '1'

describe.skipIf(!there)('recordings in ../shared/recordings', () => {
  test.each(names)('%s: reference in f64', { timeout: 3_600_000 }, async (name) => {
    const report = await replay(readRecording(`${folder}/${name}`), {
      engine: 'reference',
      ...(full ? {} : { steps: 10 }),
    })
    expect(report.twin).toBe('f64')
    expect(report.deviations.filter(({ largest, tolerance }) => !(largest <= tolerance))).toEqual([])
  })

  const fast = names.flatMap((name) => (['wasm', 'onnx'] as const).map((engine) => [name, engine] as const))

  test.each(fast)('%s: %s in f32', { timeout: 600_000 }, async (name, engine) => {
    const recording = readRecording(`${folder}/${name}`)
    const report = await replay(recording, { engine, ...(full ? {} : { steps: 300 }) })
    expect(report.twin).toBe('f32')
    expect(report.deviations.filter(({ largest, tolerance }) => !(largest <= tolerance))).toEqual([])
  })

  test('a replay with another clamp does not hold', { timeout: 60_000 }, async () => {
    const recording = readRecording(`${folder}/${names[0]}`)
    const other = { ...recording, header: { ...recording.header, opto: { ablate_heads: ['0:0'] } } }
    expect((await replay(other, { steps: 5 })).holds).toBe(false)
  })
})
