import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { installed } from '../support/installed.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const home = installed()

afterAll(() => home.remove())

/** Runs an ES module in the folder where opsin is installed and gives back what it prints. */
function run(code: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: home.folder,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

describe('the package as installed', () => {
  const doors = Object.keys(manifest.exports).filter((door) => !door.endsWith('.json'))

  test.each(doors)('%s opens and has something to give', (door) => {
    const name = door.replace('.', 'opsin')
    expect(Number(run(`console.log(Object.keys(await import('${name}')).length)`))).toBeGreaterThan(0)
  })

  test('opsin builds a model, clamps it and refuses a wrong name', () => {
    const answer = run(`
      import { ablate, at, attentionOnly } from 'opsin'
      const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
      const clamp = ablate(at(model, 'blocks.0.attn.v', { head: 1 }))
      try { at(model, 'blocks.0.attn.w') } catch (error) { console.log(clamp.kind, error.code) }`)
    expect(answer).toBe('ablate NAME')
  })

  test('opsin/node writes what opsin/io reads', () => {
    const answer = run(`
      import { tensor } from 'opsin'
      import { readNpy, writeNpy } from 'opsin/io'
      import { readBytes, writeAtomic } from 'opsin/node'
      writeAtomic('two.npy', writeNpy(tensor([2], new Float32Array([1, 2]))))
      console.log(readNpy(readBytes('two.npy')).data.join())`)
    expect(answer).toBe('1,2')
  })

  test('a checkpoint whose file is left out of the package is trained again, to the same bits', () => {
    const name = 'induction-2l8h'
    expect(existsSync(join(home.folder, 'node_modules', 'opsin', 'models', name, 'checkpoints'))).toBe(false)
    run(`
      import { load } from 'opsin/models'
      import { writeSafetensors } from 'opsin/io'
      import { writeAtomic } from 'opsin/node'
      const { parameters } = await load('${name}', { sequences: 50_000 })
      writeAtomic('weights', writeSafetensors(parameters))`)
    const trained = readFileSync(join(home.folder, 'weights'))
    expect(trained.equals(readFileSync(`models/${name}/checkpoints/50000.safetensors`))).toBe(true)
  })

  test('the JSON schema of a configuration comes along', () => {
    const path = join(home.folder, 'node_modules', 'opsin', 'schema', 'run.schema.json')
    expect(readFileSync(path, 'utf8')).toBe(readFileSync('schema/run.schema.json', 'utf8'))
  })

  test('the program says its version', () => {
    const program = join('node_modules', 'opsin', manifest.bin.opsin)
    const said = execFileSync(process.execPath, [program, '--version'], {
      cwd: home.folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    expect(said.trim()).toBe(manifest.version)
  })

  test('weights come once: the ONNX file is left out, and made by the program', () => {
    const folder = join(home.folder, 'node_modules', 'opsin', 'models', 'induction-2l8h')
    expect(readdirSync(folder).sort()).toEqual([
      'card.md',
      'config.json',
      'curve.json',
      'curve.svg',
      'train.json',
      'weights.safetensors',
    ])
  })

  test('the program exports a model that comes with it', () => {
    const program = join('node_modules', 'opsin', manifest.bin.opsin)
    const argv = ['export', 'induction-2l8h', '--out', 'm.onnx', '--hooks', 'blocks.1.attn.pattern']
    const said = execFileSync(process.execPath, [program, ...argv], { cwd: home.folder, encoding: 'utf8' })
    expect(said).toContain('gives logits float32 [batch, 1, 5], blocks.1.attn.pattern float32')
  })

  test('a runtime that is not installed is one error, with the line that installs it', () => {
    const answer = run(`
      import { attentionOnly, initialize } from 'opsin'
      import { exportOnnx } from 'opsin/onnx'
      import { load } from 'opsin/runtime'
      const model = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 5 } })
      const { bytes } = exportOnnx(model, initialize(model, 5), { sizes: { batch: 1, length: 3 } })
      for (const runtime of ['node', 'web']) {
        await load(bytes, { runtime }).catch(({ code, hint }) => console.log(code, hint))
      }`)
    expect(answer.split('\n')).toEqual([
      'ENGINE Install it: ONNXRUNTIME_NODE_INSTALL=skip npm i onnxruntime-node',
      "ENGINE Install it: npm i onnxruntime-web; in a bundle, hand the module over: { runtime: await import('onnxruntime-web/wasm') }",
    ])
  })

  test('require() opens it too', () => {
    const code = "console.log(typeof require('opsin').attentionOnly)"
    const said = execFileSync(process.execPath, ['--eval', code], { cwd: home.folder, encoding: 'utf8', stdio: 'pipe' })
    expect(said.trim()).toBe('function')
  })
})
