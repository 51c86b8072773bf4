import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ablate, at, hashInterventions, runWithCache } from 'opsin'
import { load as loadModel } from 'opsin/models'
import { inspectOnnx } from 'opsin/onnx'
import { load } from 'opsin/runtime'
import { describe, expect, test } from 'vitest'
import { opsin, temporaryFolder } from '../support/command-line.ts'
import { differences } from '../support/ort.ts'

const name = 'induction-2l8h'
const pattern = 'blocks.1.attn.pattern'

describe('opsin export', () => {
  test("the line in a model's card writes the file that stands beside it", async () => {
    const [, line] = readFileSync(`models/${name}/card.md`, 'utf8').match(/^opsin (export .*)$/m) ?? []
    const out = join(temporaryFolder(), 'm.onnx')
    expect(await opsin(line.replace('model.onnx', out).split(' '))).toMatchObject({ status: 0 })
    const made = readFileSync(out)
    expect(made.equals(readFileSync(`models/${name}/model.onnx`))).toBe(true)
    expect(inspectOnnx(made).opsin?.free).toEqual(['batch', 'pairs', 'rows'])
  })

  test('writes a shipped model that runs as the model does', async () => {
    const out = join(temporaryFolder(), 'm.onnx')
    const { status, stdout } = await opsin(['export', name, '--out', out, '--hooks', pattern])
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /m\.onnx: \d+ kB\n {2}takes features float32 \[rows, 512\], .*\n {2}gives logits float32 \[batch, 1, 5\]/,
    )
    expect(stdout).toContain('every run has its own batch, pairs, rows')
    const { model, parameters, task } = await loadModel(name)
    const inputs = { ...task.tables, ...task.evaluator('train', 5) }
    const session = await load(readFileSync(out))
    const { cache } = await session.run(inputs)
    const expected = await runWithCache(model, parameters, inputs, { cache: ['logits', pattern], engine: 'reference' })
    expect(differences(cache, expected.cache)).toEqual({})
    await session.close()
  })

  test('bakes interventions in, puts gates behind points, and holds the batch', async () => {
    const folder = temporaryFolder()
    const [out, file] = [join(folder, 'm.onnx'), join(folder, 'interventions.json')]
    const { model } = await loadModel(name)
    const list = [ablate(at(model, 'blocks.1.attn.z', { head: 3 }))]
    writeFileSync(file, JSON.stringify(list))
    const gates = 'blocks.0.attn.z,blocks.1.attn.z'
    const argv = ['export', name, '--out', out, '--interventions', file, '--gates', gates, '--batch', '4']
    const { status, stdout } = await opsin(argv)
    expect([status, stdout]).toEqual([0, expect.stringContaining('gates blocks.0.attn.z, blocks.1.attn.z')])
    const { opsin: about, inputs } = inspectOnnx(readFileSync(out))
    expect(about).toMatchObject({
      interventions: hashInterventions(list),
      gates: gates.split(','),
      free: ['pairs', 'rows'],
      task: { name: 'few-shot' },
    })
    expect(inputs.find((input) => input.name === 'exemplars')?.dims).toEqual([4, 'pairs + 1'])
  })
})

describe('opsin export', () => {
  test('reads the folder of a run, and its checkpoint', async () => {
    const folder = temporaryFolder()
    const config = join(folder, 'run.json')
    const run = join(folder, 'out')
    writeFileSync(
      config,
      JSON.stringify({
        model: { layers: 1, heads: 2, dModel: 8 },
        task: { classes: 20, labels: 5, features: { features: 16 }, evaluationSize: 32 },
        sequences: 64,
      }),
    )
    expect(await opsin(['train', config, '--out', run])).toMatchObject({ status: 0 })
    const outs = [run, join(run, 'checkpoint.safetensors')].map((given, i) => [given, join(folder, `${i}.onnx`)])
    for (const [given, out] of outs) expect(await opsin(['export', given, '--out', out])).toMatchObject({ status: 0 })
    const [a, b] = outs.map(([, out]) => readFileSync(out))
    expect(a.equals(b)).toBe(true)
    expect(inspectOnnx(a).opsin?.config).toMatchObject({ layers: 1, dModel: 8 })
  })

  test('says in one line what is wrong', async () => {
    const out = join(temporaryFolder(), 'm.onnx')
    const wrong = [
      [['export', 'induction-2l8', '--out', out], 'Nearest: induction-2l8h'],
      [['export', name, '--out', out, '--hooks', 'blocks.1.attn.patern'], 'blocks.1.attn.pattern'],
      [['export', name, '--out', out, '--gates', 'blocks.7.attn.z'], 'Nearest: '],
    ] as const
    for (const [argv, words] of wrong) {
      const { status, stderr } = await opsin(argv)
      expect([status, stderr]).toEqual([1, expect.stringContaining(words)])
    }
    expect(await opsin(['export', name, '--out', out, '--sizes', 'batch'])).toMatchObject({ status: 2 })
    expect(await opsin(['export', name])).toMatchObject({ status: 2 })
  })
})
