import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ablate, at, gpt2, type Model, squaredError } from 'opsin'
import { load } from 'opsin/models'
import { exportOnnx } from 'opsin/onnx'
import { drawFrom } from 'opsin/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { weightsOf } from '../support/models.ts'
import { batchFor, families, kindsOf } from '../support/part-models.ts'
import { presets } from '../support/preset-models.ts'

/** Debian's `python3-onnx`: ONNX's own checker, for files of opset 17 and IR version 8. */
const python = '/usr/bin/python3'

function isThere(): boolean {
  try {
    execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Checks the files that are named, shapes and types too; prints the names of those that do not pass, and why. */
const program = `
import sys, onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:
        print(path, str(error).splitlines()[0])
`

const folder = mkdtempSync(join(tmpdir(), 'opsin-onnx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function* files(): Generator<readonly [string, Uint8Array]> {
  for (const [family, own] of Object.entries(families)) {
    for (const kind of kindsOf(own)) {
      const model = own.model(kind(kind.sample(drawFrom(2)) as never))
      const hooks = [...model.hookPoints.keys()]
      const gates = hooks.filter((name) => name !== 'loss')
      const options = { inputs: batchFor(model, 2), objective: squaredError(), hooks }
      yield [`${family}-${kind.kind}`, exportOnnx(model as Model<any>, weightsOf(model), options).bytes]
      yield [
        `${family}-${kind.kind}-gated`,
        exportOnnx(model as Model<any>, weightsOf(model), { ...options, gates }).bytes,
      ]
    }
  }
}

describe.skipIf(!isThere())("ONNX's own checker", () => {
  it('passes every kind of file', async () => {
    const { model, parameters, task } = await load('induction-2l8h')
    const inputs = { ...task.tables, ...task.evaluator('train', 2) }
    const z = 'blocks.1.attn.z'
    const interventions = [ablate(at(model, z, { head: 3 }))]
    const large = gpt2({ layers: 1, heads: 2, dModel: 16, vocab: 7, maxLength: 8 })
    const apart = exportOnnx(large, weightsOf(large), { sizes: { batch: 1, length: 8 }, externalAbove: 1 })
    writeFileSync(join(folder, apart.externalData?.location as string), apart.externalData?.bytes as Uint8Array)
    const ofPresets = Object.entries(presets).map(
      ([name, preset]) =>
        [name, exportOnnx(preset, weightsOf(preset), { sizes: { batch: 1, length: 6 } }).bytes] as const,
    )
    const all = [
      ...files(),
      ...ofPresets,
      ['whole', exportOnnx(model, parameters, { inputs, hooks: ['loss'] }).bytes] as const,
      ['baked', exportOnnx(model, parameters, { inputs, interventions }).bytes] as const,
      [
        'gated',
        exportOnnx(model, parameters, { inputs, gates: [z, 'blocks.1.attn.pattern'], free: [] }).bytes,
      ] as const,
      ['apart', apart.bytes] as const,
    ]
    const paths = all.map(([name, bytes]) => {
      const path = join(folder, `${name}.onnx`)
      writeFileSync(path, bytes)
      return path
    })
    expect(execFileSync(python, ['-c', program, ...paths], { encoding: 'utf8' })).toBe('')
  })

  it('finds what is wrong', () => {
    const path = join(folder, 'wrong.onnx')
    writeFileSync(path, new Uint8Array([8, 1]))
    expect(execFileSync(python, ['-c', program, path], { encoding: 'utf8' })).toContain('wrong.onnx')
  })
})
