import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runAll } from 'opsin/workers'
import { describe, expect, test } from 'vitest'
import { encodeCheckpoint } from '../../src/train/checkpoint.ts'
import { contents, opsin, temporaryFolder } from '../support/command-line.ts'

const page = readFileSync('docs/guide/cli.md', 'utf8').split('### Another task')[1]
const [, parity] = /^```js\n(.*?)^```$/ms.exec(page) ?? []
const [, configText] = /^```json\n(.*?)^```$/ms.exec(page) ?? []
const config = JSON.parse(configText)

/** A folder where opsin is installed, with the module and a configuration beside it. */
function prepared({ module = parity, change = {} }: { module?: string; change?: object } = {}) {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(process.cwd(), join(folder, 'node_modules', 'opsin'))
  const files = { module: join(folder, 'parity.mjs'), config: join(folder, 'run.json'), out: join(folder, 'out') }
  writeFileSync(files.module, module)
  writeFileSync(files.config, JSON.stringify({ ...config, ...change }))
  return files
}

const train = ({ config, out }: ReturnType<typeof prepared>, ...flags: string[]) =>
  opsin(['train', config, '--out', out, ...flags])

describe('a task of a module of one’s own', () => {
  test('is the one of the guide, learned from beside its configuration', async () => {
    const files = prepared()
    expect(await train(files)).toMatchObject({ status: 0, stderr: expect.not.stringContaining('opsin:') })
    const { identity, final } = JSON.parse(contents(files.out)['run.json'])
    expect(final.train.loss).toBeLessThan(1)
    expect(identity.model.inputs).toEqual({ kind: 'tokens', vocab: 2 })
    expect(identity.task).toEqual({
      name: 'parity',
      module: expect.stringMatching(/^[0-9a-f]{64}$/),
      options: { length: 4 },
      config: { length: 4, seeds: { data: 0, evaluation: 1 }, evaluationSize: 1000 },
    })
  })

  test('is the same run wherever the files lie, and another one once its text has changed', async () => {
    const change = { sequences: 320, checkpointEvery: 160 }
    const [first, second] = [prepared({ change }), prepared({ change })]
    for (const files of [first, second]) expect(await train(files)).toMatchObject({ status: 0 })
    expect(contents(second.out)).toEqual(contents(first.out))

    expect(await train(first, '--resume')).toMatchObject({ status: 0 })
    const other = prepared({ change, module: parity.replace('sum ^ bit', 'sum | bit') })
    expect(await train({ ...other, out: first.out }, '--resume')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^opsin: .*task.*\[CHECKPOINT\]\n$/),
    })
  })

  test('ends on workers with the bytes of the command line', async () => {
    const files = prepared({ change: { sequences: 320, checkpointEvery: 160 } })
    expect(await train(files)).toMatchObject({ status: 0 })
    const document = JSON.parse(readFileSync(files.config, 'utf8'))
    const [outcome] = await runAll([{ ...document, task: { ...document.task, module: files.module } }], { workers: 1 })
    if (outcome.status === 'failed') throw outcome.error
    const bytes = Buffer.from(encodeCheckpoint(outcome.run.checkpoint)).toString('latin1')
    expect(bytes).toBe(contents(files.out)['checkpoint.safetensors'])
  })

  test.each([
    ['async', (code: string) => code.replace('export default function', 'export default async function')],
    [
      'an instance of a class',
      (code: string) =>
        `${code.replace('export default function', 'function')}
         class Own { #task; constructor(options) { this.#task = parity(options); const { batch, ...rest } = this.#task; Object.assign(this, rest) }
           batch(...call) { return this.#task.batch(...call) } }
         export default (options) => new Own(options)`,
    ],
  ])('may be %s', async (_, rewrite) => {
    const change = { sequences: 64 }
    expect(await train(prepared({ change, module: rewrite(parity) }))).toMatchObject({ status: 0 })
  })
})

describe('what is wrong with a module is said in one line', () => {
  const task = (fields: string) => `const task = { name: 'a', config: {}, sizes: { vocab: 2 }, tables: {}, batch() {},
    evaluators: ['train'], evaluator() {} }
    export default () => ({ ...task, ${fields} })`

  test.each([
    [
      'one that cannot be parsed',
      'export default {',
      /parity\.mjs: expected a module of JavaScript, got .*[Ss]yntax.*FORMAT/,
    ],
    ['one that throws', 'throw new Error("no data")', /parity\.mjs: .*no data.*FORMAT/],
    ['one that imports what is not there', 'import "./none.mjs"', /parity\.mjs: .*none\.mjs.*FORMAT/],
    [
      'no default export',
      'export const parity = 1',
      /a function as the default export.*got exports called parity.*FORMAT/,
    ],
    ['no export', '', /got exports called nothing.*FORMAT/],
    ['no function', 'export default { name: "parity" }', /a function as the default export.*got object.*FORMAT/],
    [
      'a function that throws',
      'export default () => { throw new Error("no length") }',
      /a task, got Error: no length.*VALUE/,
    ],
    [
      'a promise that fails',
      'export default async () => { throw new Error("no length") }',
      /a task, got Error: no length/,
    ],
    ['nothing', 'export default () => {}', /a task, with name.*got undefined.*VALUE/],
    ['null', 'export default () => null', /got null.*VALUE/],
    ['no name', task('name: undefined'), /got one whose name is missing.*VALUE/],
    ['no batches', task('batch: 5'), /got one whose batch is number.*VALUE/],
    ['sizes that tell no inputs', task('sizes: {}'), /model: inputs: expected to be given.*VALUE/],
  ])('%s', async (_, module, message) => {
    const files = prepared({ module })
    const { status, stderr } = await train(files)
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^opsin: [^\n]+\n$/)])
    expect(stderr).toMatch(message)
  })

  test('one that is not there', async () => {
    const files = prepared({ change: { task: { module: './pairty.mjs' } } })
    expect(await train(files)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/pairty\.mjs.*ENOENT.*\[IO\]\n$/),
    })
    const document = { ...config, task: { module: '/none/parity.mjs' } }
    const [outcome] = await runAll([document], { workers: 1 })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'IO' } })
    if (outcome.status === 'failed') expect(outcome.error.message).toMatch(/^runs\[0\]: .*parity\.mjs/)
  })
})
