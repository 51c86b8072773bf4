import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installed } from '../support/installed.ts'

const home = installed()
const page = 'examples/extend'

beforeAll(() => cpSync(page, home.folder, { recursive: true }))
afterAll(() => home.remove())

function opsin(...given: string[]): string {
  const program = join(home.folder, 'node_modules/opsin/dist/cli/main.js')
  return execFileSync(process.execPath, [program, ...given], { cwd: home.folder, encoding: 'utf8', stdio: 'pipe' })
}

const result = (out: string) => JSON.parse(readFileSync(join(home.folder, out, 'run.json'), 'utf8'))
const bytes = (out: string, file: string) => readFileSync(join(home.folder, out, file))

describe('a package that adds to opsin, against the tarball', () => {
  test('passes the generated tests', () => {
    const said = execFileSync(process.execPath, ['check.js'], { cwd: home.folder, encoding: 'utf8' })
    expect(said).toMatch(/^gradients are right to \de-\d+\n$/)
  })

  test('has no file above 60 lines', () => {
    for (const name of ['op', 'mlp', 'mixer', 'source', 'objective', 'task', 'probe', 'optimizer', 'architecture']) {
      expect(readFileSync(`${page}/${name}.js`, 'utf8').split('\n').length, name).toBeLessThanOrEqual(60)
    }
  })

  test('trains from a configuration, clamped by a source of its own, and learns', () => {
    opsin('train', 'run.json', '--out', 'whole')
    const { identity, final, receipts } = result('whole')
    expect(identity.optimizer).toMatchObject({ kind: 'extend/sign-descent' })
    expect(identity.task.objective).toMatchObject({ kind: 'extend/absolute-error' })
    expect(receipts[0]).toMatchObject({ kind: 'clamp', fired: 200 })
    expect(receipts[0].largestChange).toBeGreaterThan(0)
    expect(final.train.loss).toBeLessThan(0.2)
    expect(final.train['count-error']).toBeGreaterThan(0)
  })

  test('goes on from a checkpoint to the same bits', () => {
    const whole = JSON.parse(readFileSync(join(home.folder, 'run.json'), 'utf8'))
    writeFileSync(join(home.folder, 'half.json'), JSON.stringify({ ...whole, sequences: 3200 }))
    opsin('train', 'half.json', '--out', 'parts')
    opsin('train', 'run.json', '--out', 'parts', '--resume')
    expect(result('parts').final).toEqual(result('whole').final)
    const weights = ['checkpoint-6400.safetensors', 'final.safetensors'].find((file) =>
      existsSync(join(home.folder, 'whole', file)),
    )
    if (weights !== undefined) expect(bytes('parts', weights)).toEqual(bytes('whole', weights))
  })

  test('ends in a worker with the same numbers', () => {
    const code = `
      import { readFileSync } from 'node:fs'
      import { runAll } from 'opsin/workers'
      const [outcome] = await runAll([JSON.parse(readFileSync('run.json', 'utf8'))], { workers: 1 })
      console.log(JSON.stringify(outcome.status === 'done' ? outcome.run.records.at(-1).values : String(outcome.error)))`
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: home.folder,
      encoding: 'utf8',
    })
    expect(JSON.parse(said)).toEqual(result('whole').final.train)
  })

  test('is another run once its text has changed', () => {
    writeFileSync(join(home.folder, 'index.js'), `${readFileSync(join(home.folder, 'index.js'), 'utf8')}\n// other\n`)
    expect(() => opsin('train', 'run.json', '--out', 'whole', '--resume')).toThrow(/CHECKPOINT/)
  })
})

describe('types', () => {
  const code = (point: string) => `
import { at, linearReadout, tokenInputs, transformer } from 'opsin'
import { defineMixer, points } from 'opsin/extend'
const shout = defineMixer('me/shout', {}, () => ({
  points: (width: number) => ({ 'shout.out': points.perToken(width) }),
  parameters: () => [],
  width: (width: number) => width,
  emit: (place, x) => place.point('shout.out', place.op('add', [x, x])),
}))
const model = transformer({
  dModel: 8, inputs: tokenInputs({ vocab: 3 }), blocks: [{ mixer: shout() }, {}], readout: linearReadout(),
})
at(model, '${point}')
`
  function complaints(point: string): string[] {
    const file = join(home.folder, 'typed.ts')
    writeFileSync(file, code(point))
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      noEmit: true,
      // The package's own types are sound too.
      skipLibCheck: false,
      types: [],
    })
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  }

  test('know the hook points of a part from outside, block by block', () => {
    expect(complaints('blocks.0.shout.out')).toEqual([])
    expect(complaints('blocks.1.shout.out').join()).toMatch(/shout/)
    expect(complaints('blocks.0.attn.q').join()).toMatch(/attn\.q/)
  })
})
