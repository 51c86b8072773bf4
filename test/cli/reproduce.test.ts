import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tensor } from 'opsin'
import { writeSafetensors } from 'opsin/io'
import { describe, expect, test } from 'vitest'
import { contents, opsin, temporaryFolder } from '../support/command-line.ts'

const names = ['none', '{1}', '{1,2}', 'match', 'copy', 'layer 1 + copy']
const quick = ['reproduce', 'figure-5b', '--sequences', '64']

describe('opsin reproduce figure-5b gives its results', () => {
  test('as one JSON object with --json, and nothing else', async () => {
    const { status, stdout } = await opsin([...quick, '--json', '--out', temporaryFolder()])
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['conditions', 'claims'])
    expect(document.conditions.map(({ name }: { name: string }) => name)).toEqual(names)
    for (const condition of document.conditions) {
      expect(Object.keys(condition)).toEqual(['name', 'curve', 'msPerStep'])
      expect(condition.curve).toEqual([
        [0, expect.any(Number)],
        [64, expect.any(Number)],
      ])
    }
    for (const claim of document.claims) expect(Object.keys(claim)).toEqual(['claim', 'holds', 'measured'])
  })

  test('as chart, table and claims; as picture and numbers in files; progress on stderr', async () => {
    const out = join(temporaryFolder(), 'new', 'folder')
    const { status, stdout, stderr } = await opsin([...quick, '--out', out])
    expect(status).toBe(0)
    expect(stdout).toContain('sequences seen')
    expect(stdout).toMatch(/│ layer 1 \+ copy +│ +– \(\.600\)/)
    expect(stdout.match(/^not reached /gm)).toHaveLength(8)
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
    ).toEqual([...names].sort())
    const files = contents(out)
    expect(Object.keys(files)).toEqual(['figure-5b.json', 'figure-5b.svg'])
    expect(files['figure-5b.svg']).toContain('</svg>')
    expect(JSON.parse(files['figure-5b.json']).conditions).toHaveLength(6)
  })

  test('for the features of a file', async () => {
    const out = temporaryFolder()
    const file = join(out, 'features.safetensors')
    const data = Float32Array.from({ length: 60 * 2 * 8 }, (_, i) => Math.sin(i * i))
    writeFileSync(file, writeSafetensors({ features: tensor([60, 2, 8], data) }))
    const losses: number[] = []
    for (const more of [[], ['--features', file]]) {
      const { stdout } = await opsin([...quick, '--json', '--out', out, ...more])
      losses.push(JSON.parse(stdout).conditions[0].curve[0][1])
    }
    const [own, given] = losses
    expect(own).not.toBe(given)
  })
})

describe('opsin reproduce figure-5b refuses', () => {
  const bad = (name: string, content: Uint8Array | string) => (folder: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const nan = new Float32Array(60 * 8).fill(1)
  nan[77] = Number.NaN
  const whole = writeSafetensors({ features: tensor([60, 1, 8], new Float32Array(480)) })

  test.each([
    ['that is not there', (folder: string) => join(folder, 'none.npy'), /ENOENT.*\[IO\]/],
    ['of another kind', bad('features.csv', '1,2'), /\.csv.*\[FORMAT\]/],
    ['that is cut short', bad('f.safetensors', whole.subarray(0, 500)), /truncated.*\[FORMAT\]/],
    [
      'with NaN in it',
      bad('f.safetensors', writeSafetensors({ features: tensor([60, 1, 8], nan) })),
      /\[9, 0, 5\].*NaN.*\[NOT_FINITE\]/,
    ],
    [
      'of another shape',
      bad('f.safetensors', writeSafetensors({ features: tensor([60, 8], new Float32Array(480)) })),
      /\[SHAPE\]/,
    ],
    [
      'without features',
      bad(
        'f.safetensors',
        writeSafetensors({ a: tensor([1], new Float32Array(1)), b: tensor([1], new Float32Array(1)) }),
      ),
      /"features".*\[FORMAT\]/,
    ],
    [
      'with too few classes',
      bad('f.safetensors', writeSafetensors({ features: tensor([20, 1, 8], new Float32Array(160)) })),
      /classes.*\[VALUE\]/,
    ],
  ])('a features file %s: one line, and nothing written', async (_, make, message) => {
    const folder = temporaryFolder()
    const out = join(folder, 'out')
    const { status, stdout, stderr } = await opsin([...quick, '--features', make(folder), '--out', out])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^opsin: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(Object.keys(contents(folder))).not.toContain('out')
  })
})

describe('opsin reproduce figure-5b ends early', () => {
  test('when it cannot write, before computing', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'mine')
    for (const out of [file, join(file, 'under'), '/proc/nowhere']) {
      const { status, stderr } = await opsin(['reproduce', 'figure-5b', '--out', out])
      expect(status).toBe(1)
      expect(stderr).toMatch(/^opsin: [^\n]+\[IO\]\n$/)
    }
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })
})
