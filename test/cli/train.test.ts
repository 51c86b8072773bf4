import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeCheckpoint } from 'opsin'
import { describe, expect, test } from 'vitest'
import { contents, opsin, temporaryFolder } from '../support/command-line.ts'

const config = {
  model: { layers: 2, heads: 2, dModel: 8 },
  task: { classes: 20, labels: 5, features: { features: 16 }, evaluationSize: 32 },
  sequences: 640,
  evaluateAt: 96,
  checkpointEvery: 160,
  interventions: [
    {
      version: 2,
      kind: 'ablate',
      at: { point: 'blocks.1.attn.v', select: { head: 0 } },
      when: { unit: 'sequences', from: 200, to: 400 },
    },
  ],
  probes: [{ kind: 'cross-entropy' }, { kind: 'induction-strength', layer: 1, every: 200 }],
  evaluations: [{ evaluator: 'train' }, { name: 'new', evaluator: 'test-class' }],
}

/** A folder with a configuration in it, and where its run goes. */
function prepared(document: unknown = config) {
  const folder = temporaryFolder()
  const path = join(folder, 'run.json')
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document))
  return { folder, path, out: join(folder, 'out') }
}

async function trained(document: object = config): Promise<{ path: string; out: string }> {
  const { path, out } = prepared(document)
  expect(await opsin(['train', path, '--out', out])).toMatchObject({ status: 0 })
  return { path, out }
}

describe('opsin train', () => {
  test('leaves log, checkpoint, weights, curve and summary', async () => {
    const { out } = await trained()
    const files = contents(out)
    expect(Object.keys(files)).toEqual([
      'checkpoint.safetensors',
      'curve.svg',
      'log.jsonl',
      'run.json',
      'weights.safetensors',
    ])
    const summary = JSON.parse(files['run.json'])
    expect(summary).toMatchObject({ engine: 'wasm', steps: 20, sequences: 640, receipts: [{ fired: 6 }] })
    expect(Object.keys(summary.final)).toEqual(['new', 'train'])
  })

  test('logs a header, then each evaluation and each change of interventions', async () => {
    const { out } = await trained()
    const [header, ...lines] = readFileSync(join(out, 'log.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(header).toMatchObject({ format: 'opsin-log', version: 1, seed: 5 })
    expect(lines.filter(({ active }) => active).map(({ step, active }) => [step, active])).toEqual([
      [7, [0]],
      [13, []],
    ])
    const losses = lines.filter(({ set, loss }) => set === 'train' && loss !== undefined)
    expect(losses.map(({ sequences }) => sequences)).toEqual([0, 96, 192, 288, 384, 480, 576, 640])
    const strengths = lines.filter((line) => line.set === 'new' && line['induction-strength.1'])
    expect(strengths.map(({ sequences }) => sequences)).toEqual([0, 224, 416, 608, 640])
  })

  test('gives the same bytes each time', async () => {
    const [first, second] = [await trained(), await trained()]
    expect(contents(first.out)).toEqual(contents(second.out))
  })

  test('goes on from a checkpoint to the same bytes, wherever the end is on the schedule', async () => {
    for (const sequences of [640, 576, 600]) {
      const whole = await trained({ ...config, sequences })
      const { path, out } = prepared({ ...config, sequences })
      const controller = new AbortController()
      mkdirSync(out)
      // What a run leaves that was stopped at some checkpoint: that of a shorter run, whose log goes further.
      const short = prepared({ ...config, sequences: 480 })
      await opsin(['train', short.path, '--out', short.out])
      for (const name of ['checkpoint.safetensors', 'log.jsonl'])
        writeFileSync(join(out, name), readFileSync(join(short.out, name)))
      writeFileSync(join(out, 'log.jsonl'), '{"step":15,"sequ', { flag: 'a' })
      writeFileSync(join(out, 'checkpoint.safetensors.123-0-4.tmp'), 'half')
      expect(await opsin(['train', path, '--out', out, '--resume'], controller.signal)).toMatchObject({ status: 0 })
      expect(contents(out)).toEqual(contents(whole.out))
      // And again from its end.
      expect(await opsin(['train', path, '--out', out, '--resume'])).toMatchObject({ status: 0 })
      expect(contents(out)).toEqual(contents(whole.out))
    }
  })

  test('--resume without a checkpoint starts from the beginning', async () => {
    const whole = await trained()
    const { path, out } = prepared()
    expect(await opsin(['train', path, '--out', out, '--resume'])).toMatchObject({ status: 0 })
    expect(contents(out)).toEqual(contents(whole.out))
  })

  test('does not write over a run', async () => {
    const { path, out } = await trained()
    const before = contents(out)
    const { status, stderr } = await opsin(['train', path, '--out', out])
    expect(status).toBe(1)
    expect(stderr).toMatch(/--resume.*\[IO\]\n$/)
    expect(contents(out)).toEqual(before)
  })
})

const head = (index: number) => [
  { version: 2, kind: 'ablate', at: { point: 'blocks.0.attn.v', select: { head: index } } },
]

describe('opsin train says in one line what is wrong, and writes nothing', () => {
  test.each([
    ['malformed JSON', '{"model": {', /JSON.*\[FORMAT\]/],
    ['an unknown key', { ...config, sequnces: 5 }, /"sequnces".*Nearest: sequences.*\[NAME\]/],
    [
      'an unknown hook point',
      { ...config, interventions: [{ version: 2, kind: 'ablate', at: { point: 'blocks.0.attn.patern' } }] },
      /Nearest: blocks\.0\.attn\.pattern/,
    ],
    ['a head out of range', { ...config, interventions: head(2) }, /\[VALUE\]/],
    ['two interventions on the same elements', { ...config, interventions: [...head(0), ...head(0)] }, /\[CONFLICT\]/],
    [
      'an intervention that never fires',
      { ...config, interventions: [{ ...head(0)[0], when: { unit: 'steps', from: 20 } }] },
      /\[NO_EFFECT\]/,
    ],
    ['labels out of range', { ...config, task: { ...config.task, heldOutLabels: [[0, 5]] } }, /\[VALUE\]/],
    ['a features file that is not there', { ...config, task: { features: 'none.npy' } }, /none\.npy.*ENOENT.*\[IO\]/],
  ])('%s', async (_, document, message) => {
    const { folder, path, out } = prepared(document)
    const { status, stdout, stderr } = await opsin(['train', path, '--out', out])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^opsin: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(Object.keys(contents(folder))).toEqual(['run.json'])
  })
})

describe('opsin train says in one line that it cannot read or write', () => {
  test('a configuration that is not there', async () => {
    const { status, stderr } = await opsin(['train', join(temporaryFolder(), 'none.json')])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: .*none\.json.*ENOENT.*\[IO\]\n$/)
  })

  test('a folder that cannot be written', async () => {
    const { path } = prepared()
    for (const out of ['', path, join(path, 'under'), '/proc/nowhere']) {
      expect(await opsin(['train', path, '--out', out])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/^opsin: [^\n]+\[IO\]\n$/),
      })
    }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(config)
  })

  test.runIf(process.platform === 'linux')('a configuration that has no end', async () => {
    const { status, stderr } = await opsin(['train', '/dev/zero', '--out', join(temporaryFolder(), 'out')])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: .*\/dev\/zero.*a device.*\[IO\]\n$/)
  })

  test('a configuration that is nested 5,000 deep', async () => {
    const { path, out } = prepared(`{"model":${'['.repeat(5000)}${']'.repeat(5000)}}`)
    const { status, stderr } = await opsin(['train', path, '--out', out])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: .*run\.json.*deep.*\[FORMAT\]\n$/)
  })
})

describe('opsin train says in one line what is wrong with the folder it is to go on in', () => {
  test.each([
    [
      'a checkpoint that is cut short',
      (out: string) => truncateSync(join(out, 'checkpoint.safetensors'), 1000),
      /\[FORMAT\]/,
    ],
    [
      'a checkpoint that is none',
      (out: string) => writeFileSync(join(out, 'checkpoint.safetensors'), 'hello'),
      /\[FORMAT\]/,
    ],
    [
      'a checkpoint that is full of zeros',
      (out: string) => {
        const path = join(out, 'checkpoint.safetensors')
        const bytes = readFileSync(path)
        writeFileSync(path, bytes.fill(0, bytes.length - 8000, bytes.length - 4000))
      },
      /checksum.*\[FORMAT\]/,
    ],
    [
      'a log with a line of nothing',
      (out: string) => writeFileSync(join(out, 'log.jsonl'), 'null\n', { flag: 'a' }),
      /line \d+: .*got null.*\[FORMAT\]/,
    ],
    [
      "another run's log",
      (out: string) => writeFileSync(join(out, 'log.jsonl'), '{"format":"opsin-log"}\n'),
      /log\.jsonl.*\[CHECKPOINT\]/,
    ],
    ['no log', (out: string) => truncateSync(join(out, 'log.jsonl'), 0), /log\.jsonl.*\[CHECKPOINT\]/],
    [
      'a log that is damaged',
      (out: string) => writeFileSync(join(out, 'log.jsonl'), 'nonsense\n', { flag: 'a' }),
      /line \d+.*\[FORMAT\]/,
    ],
  ])('--resume from %s', async (_, damage, message) => {
    const { path, out } = await trained()
    damage(out)
    const before = contents(out)
    const { status, stderr } = await opsin(['train', path, '--out', out, '--resume'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: [^\n]+\n$/)
    expect(stderr).toMatch(message)
    expect(contents(out)).toEqual(before)
  })

  test("--resume from another run's checkpoint", async () => {
    const { path, out } = await trained()
    writeFileSync(path, JSON.stringify({ ...config, seed: 6 }))
    const before = contents(out)
    const { status, stderr } = await opsin(['train', path, '--out', out, '--resume'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^opsin: .*seed.*\[CHECKPOINT\]/)
    expect(contents(out)).toEqual(before)
  })
})

describe('a run that diverges', () => {
  const diverging = {
    ...config,
    checkpointEvery: 32,
    probes: [{ kind: 'cross-entropy' }],
    optimizer: { kind: 'sgd', lr: 100 },
    interventions: [
      {
        version: 2,
        kind: 'scale',
        at: { point: 'grad(logits)' },
        factor: 3e38,
        when: { unit: 'steps', from: 10 },
      },
    ],
  }

  test('keeps its last good checkpoint, and goes on from it to the same end', async () => {
    const { path, out } = prepared(diverging)
    const first = await opsin(['train', path, '--out', out])
    expect(first).toMatchObject({ status: 1, stderr: expect.stringMatching(/step 1\d.*\[NOT_FINITE\]\n$/) })
    const before = contents(out)
    const { step, state } = decodeCheckpoint(readFileSync(join(out, 'checkpoint.safetensors')))
    expect(step).toBeGreaterThanOrEqual(9)
    for (const { data } of Object.values(state)) expect(data.every(Number.isFinite)).toBe(true)
    expect(await opsin(['train', path, '--out', out, '--resume'])).toMatchObject(first)
    expect(contents(out)).toEqual(before)
  })
})
