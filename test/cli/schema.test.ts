import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { opsin } from '../support/command-line.ts'

const shipped = JSON.parse(readFileSync('schema/run.schema.json', 'utf8'))
const example = JSON.parse(readFileSync('examples/extend/run.json', 'utf8'))

const schemaOf = async (...argv: string[]) => {
  const { status, stdout, stderr } = await opsin(['schema', ...argv])
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

describe('opsin schema', () => {
  test('prints the schema that the package ships', async () => expect(await schemaOf()).toEqual(shipped))

  test('has what a module exports, and nothing else', async () => {
    const fits = new Ajv2020({ strict: true, strictRequired: false }).compile(
      await schemaOf('--module', 'examples/extend/index.js'),
    )
    const [clamp] = example.interventions
    const sourced = (source: object) => ({ ...example, interventions: [{ ...clamp, source }] })
    expect(fits(example), JSON.stringify(fits.errors)).toBe(true)
    expect(fits(sourced({ from: 'number', value: 1 }))).toBe(true)
    for (const source of [
      { from: 'extend/wave', period: 0 },
      { from: 'extend/wave' },
      { from: 'extend/wave', period: 3, phase: 1 },
      { from: 'extend/wav', period: 3 },
    ]) {
      expect(fits(sourced(source)), JSON.stringify(source)).toBe(false)
    }
    expect(fits({ ...example, task: { module: 'index.js', export: 'countOne' } })).toBe(false)
    expect(fits({ ...example, task: { module: 'index.js' } })).toBe(false)
  })

  test('says which module is none', async () => {
    const { status, stderr } = await opsin(['schema', '--module', 'examples/none.js'])
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^opsin: readBytes\("examples\/none\.js"\): .*\[IO\]\n$/),
    ])
  })
})
