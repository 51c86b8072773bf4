import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { aRun, runSchema } from '../../src/config/index.ts'
import { listOf } from '../../src/core/fields.ts'
import { type Fault, faultsOf } from '../../src/core/rule.ts'
import { anIntervention } from '../../src/interventions/kinds/index.ts'
import { JsonDraw, random } from './draw-json.ts'

const schema = runSchema()
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema)
const all = listOf(anIntervention, 'a list')

/** All that the library finds wrong with a configuration by itself, whatever model and task come to. */
function faults(document: any): readonly Fault[] {
  const first = faultsOf(aRun, document)
  if (first.length > 0) return first
  const { interventions = [], evaluations = [] } = document
  return [interventions, ...evaluations.map((one: any) => one.interventions ?? [])].flatMap((list) =>
    faultsOf(all, list),
  )
}

/** What no other configuration here has. */
const rare = {
  model: {
    architecture: 'pre-norm',
    layers: 1,
    heads: 1,
    dModel: 4,
    inputs: { kind: 'tokens', vocab: 9 },
    readout: 'all',
  },
  task: {
    name: 'repeated-tokens',
    segment: [2, 3],
    length: 20,
    tokens: [1, 2],
    vocab: 2,
    evaluators: { b: { copies: 3 } },
  },
  sequences: 64,
  optimizer: {
    kind: 'groups',
    groups: [
      { match: ['embed.*'], frozen: true },
      { match: '*.z', optimizer: { kind: 'sgd', lr: 1 }, turns: { every: 3, from: 1 } },
      {
        match: '*',
        optimizer: { kind: 'adam', lr: { kind: 'steps', from: 1, factor: 0.5, at: [2, 5] } },
        frozen: false,
      },
    ],
  },
  interventions: [
    { version: 2, kind: 'forbid', at: { point: 'blocks.0.attn.scores' }, edges: 'previous-token', phase: ['eval'] },
    { version: 2, kind: 'scale', at: { point: 'embed', select: { pos: { from: 0, to: 2 } } }, factor: -1, order: 2 },
    {
      ...{ version: 2, kind: 'clamp', at: { point: 'embed' }, gradient: 'straight-through' },
      ...{ source: { from: 'array', shape: [2, 1], values: [1, 2] }, when: { unit: 'steps', from: 2, to: 3 } },
    },
    {
      ...{ version: 2, kind: 'patch', at: { point: 'logits', replica: 'a' }, gradient: 'source', optional: true },
      source: { from: 'copy', scores: { point: 'blocks.0.attn.scores', select: { head: 0 } } },
    },
    {
      ...{ version: 2, kind: 'patch', at: { point: 'embed' }, gradient: 'block', causal: false },
      source: { from: 'activation', of: { point: 'embed', replica: 'b' }, replica: 'b', shift: 1 },
    },
  ],
  evaluateAt: [0, 32],
}

const pages = readdirSync('docs/guide').map((page) => readFileSync(`docs/guide/${page}`, 'utf8'))
const shown = pages.flatMap((page) => [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text)))
const configurations = [
  rare,
  ...shown.filter((document) => 'model' in document),
  ...['examples/extend/run.json', 'models/induction-2l8h/train.json'].map((path) =>
    JSON.parse(readFileSync(path, 'utf8')),
  ),
]

test('the schema in the package is the one that the definitions make', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../schema/run.schema.json')
})

test.each(configurations)('a configuration of the house fits: %j', (document) => {
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  expect(faults(document).filter(({ beyond }) => beyond === undefined)).toEqual([])
})

describe('the schema says what the library says', () => {
  const comments = [...JSON.stringify(schema).matchAll(/Not said here: (.*?)\."/g)].map(([, said]) => said)
  const met = new Set<string>()

  /** Throws unless schema and library agree, or disagree on nothing but what no schema can say. */
  function agree(document: unknown): boolean {
    const [valid, wrong] = [validate(document), faults(document)]
    const sayable = wrong.filter(({ beyond }) => beyond === undefined)
    for (const { beyond } of valid ? wrong : []) if (beyond !== undefined) met.add(beyond)
    const agrees = valid ? sayable.length === 0 : wrong.length > 0
    if (!agrees) throw new Error(JSON.stringify({ valid, errors: validate.errors, wrong, document }))
    return wrong.length === 0
  }

  test('of 3000 configurations drawn from it, and of each with something changed', () => {
    let fitting = 0
    for (let seed = 0; seed < 3000; seed++) {
      const draw = new JsonDraw(schema, random(seed))
      const document = draw.value()
      if (agree(document)) fitting++
      for (let i = 0; i < 5; i++) agree(draw.changed(document))
    }
    expect(fitting).toBeGreaterThan(1000)
  })

  test('of the configurations of the house, changed in 10,000 ways', () => {
    const draw = new JsonDraw(schema, random(1))
    for (let i = 0; i < 10_000; i++) agree(draw.changed(draw.pick(configurations)))
  })

  test('and names everything that it cannot say, as the guide does', () => {
    expect([...met].filter((beyond) => !comments.includes(beyond))).toEqual([])
    expect(met.size).toBeGreaterThan(5)
  })
})
