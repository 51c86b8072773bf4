import { describe, expect, test } from 'vitest'
import { aRun, parseJson } from '../../src/config/index.ts'

const least = { model: { layers: 1, heads: 2, dModel: 8 }, sequences: 64 }

function parse(document: unknown) {
  return () => parseJson(aRun, typeof document === 'string' ? document : JSON.stringify(document), 'run.json')
}

/** What it is, the document, the error's code, and its message. */
const refused: [string, unknown, string, RegExp][] = [
  ['no JSON', '{"model": ', 'FORMAT', /^run\.json: expected JSON/],
  ['nothing', '', 'FORMAT', /^run\.json: expected JSON/],
  ['a key twice', '{"seed": 1, "seed": 2}', 'FORMAT', /each key once, got "seed" twice/],
  [
    'no object',
    [],
    'VALUE',
    /^run\.json: the document: expected a configuration \{"model": …, "sequences": …\}, got \[\]/,
  ],
  ['a wrong key', { ...least, sequnces: 5 }, 'NAME', /^run\.json: the document: .*"sequnces"\. Nearest: sequences/],
  ['a wrong key inside', { ...least, task: { seeds: { dta: 1 } } }, 'NAME', /^run\.json: task\.seeds: .*Nearest: data/],
  ['a missing key', { model: least.model }, 'VALUE', /^run\.json: sequences: .*got nothing/],
  [
    'a string for a number',
    { ...least, seed: '5' },
    'VALUE',
    /^run\.json: seed: expected an integer of at least 0, got "5"/,
  ],
  [
    'a fraction',
    { ...least, sequences: 1.5 },
    'VALUE',
    /^run\.json: sequences: expected a positive integer of at most \d+, got 1\.5/,
  ],
  [
    'nothing to train',
    { ...least, sequences: 0 },
    'VALUE',
    /^run\.json: sequences: expected a positive integer of at most \d+, got 0\. \[VALUE\]$/,
  ],
  [
    'far too much',
    { ...least, sequences: 1e300 },
    'VALUE',
    /expected a positive integer of at most 9007199254740991, got/,
  ],
  ['an empty list', { ...least, probes: [] }, 'VALUE', /probes: expected a list of at least one probe, got \[\]/],
  [
    'neither form',
    { ...least, evaluateAt: 'x' },
    'VALUE',
    /evaluateAt: expected a positive integer or a list of whole numbers, got "x"/,
  ],
  [
    'an engine that is none',
    { ...least, engine: 'cuda' },
    'VALUE',
    /^run\.json: engine: expected wasm \| .*got "cuda"/,
  ],
  [
    'a probe that is none',
    { ...least, probes: [{ kind: 'los' }] },
    'NAME',
    /^run\.json: probes\[0\]\.kind: expected a probe, got "los"\. Nearest: .*\. \[NAME\]$/,
  ],
  [
    'a probe of no kind',
    { ...least, probes: [{}] },
    'NAME',
    /probes\[0\]\.kind: expected a probe, got nothing\. Nearest: cross-entropy, accuracy, /,
  ],
  [
    'a probe without its layer',
    { ...least, probes: [{ kind: 'induction-strength' }] },
    'VALUE',
    /^run\.json: probes\[0\]\.layer: /,
  ],
  [
    'an optimiser without its rate',
    { ...least, optimizer: { kind: 'sgd' } },
    'VALUE',
    /^run\.json: optimizer\.lr: expected a positive number or a schedule, got nothing/,
  ],
  [
    'features of the wrong kind',
    { ...least, task: { features: { clases: 3 } } },
    'NAME',
    /^run\.json: task\.features: .*Nearest: classes/,
  ],
]

describe('a configuration', () => {
  test('needs a model and a length, no more', () => {
    expect(parse(least)()).toEqual(least)
  })

  test.each(refused)('is refused with %s', (_, document, code, message) => {
    expect(parse(document)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test('tells everything that is wrong, the first thing first', () => {
    expect(parse({ ...least, seed: -1, batch: 0, bath: 1 })).toThrow(
      /^run\.json: the document: .*"bath"\. Nearest: batch, .*Also: batch: .*; seed: expected an integer of at least 0, got -1/,
    )
  })

  test('every complaint has words of its own', () => {
    const wrong = {
      ...least,
      seed: -1,
      batch: 0,
      engine: 'cuda',
      probes: [{ kind: 'los' }],
      evaluateAt: -1,
      optimizer: 5,
    }
    expect(parse(wrong)).toThrow(/^(?!.*(Invalid|Too small|Too big|>=|<=)).*$/)
    expect(parse(wrong)).not.toThrow(/expected [^,]*expected/i)
  })
})

describe('what the library checks itself, and either form of a task, is refused with', () => {
  test.each([
    [
      'an optimiser that is none',
      { ...least, optimizer: { kind: 'sdg', lr: 1 } },
      'NAME',
      /^run\.json: optimizer\.kind: expected an optimiser, got "sdg"\. Nearest: sgd/,
    ],
    [
      'an option that its optimiser does not have',
      { ...least, optimizer: { kind: 'sgd', lr: 1, momentun: 0.9 } },
      'NAME',
      /^run\.json: optimizer: .*"momentun".*Nearest: momentum/,
    ],
    [
      'no optimiser',
      { ...least, optimizer: 5 },
      'VALUE',
      /^run\.json: optimizer: expected an optimiser \{"kind": …\}, got 5/,
    ],
    [
      'inputs that are none',
      { ...least, model: { ...least.model, inputs: { kind: 'token', vocab: 3 } } },
      'NAME',
      /^run\.json: model\.inputs\.kind: .*"token".*Nearest: tokens/,
    ],
    [
      'inputs that lack something',
      { ...least, model: { ...least.model, inputs: { kind: 'tokens' } } },
      'VALUE',
      /^run\.json: model\.inputs\.vocab: .*got nothing/,
    ],
    [
      'a wrong key beside a module',
      { ...least, task: { module: './a.mjs', option: {} } },
      'NAME',
      /^run\.json: task: .*got "option".*Nearest: options/,
    ],
    [
      'a wrong key of the built-in task',
      { ...least, task: { clases: 3 } },
      'NAME',
      /^run\.json: task: .*Nearest: classes/,
    ],
    [
      'a module that is no path',
      { ...least, task: { module: 3 } },
      'VALUE',
      /^run\.json: task\.module: .*string.*got 3/,
    ],
    [
      'a task that is none',
      { ...least, task: 'few-shot' },
      'VALUE',
      /^run\.json: task: expected a task \{"name": …\}, got "few-shot"/,
    ],
  ])('%s', (_, document, code, message) => {
    expect(parse(document)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })
})

describe('a task is refused with', () => {
  test.each([
    [
      'a task of no name',
      { ...least, task: { name: 'few-shoot' } },
      'NAME',
      /^run\.json: task\.name: expected a task, got "few-shoot"\. Nearest: few-shot/,
    ],
    [
      'an option of another task',
      { ...least, task: { name: 'repeated-tokens', classes: 3 } },
      'NAME',
      /^run\.json: task: .*got "classes".*Nearest: /,
    ],
    [
      'an option that does not fit its rule',
      { ...least, task: { name: 'repeated-tokens', copies: 1.5, seeds: { data: -1 } } },
      'VALUE',
      /^run\.json: task\.copies: expected an integer from 2 to 4096, got 1\.5\. Also: task\.seeds\.data: expected an integer of/,
    ],
    [
      'options that do not go together',
      { ...least, task: { name: 'in-context-regression', pairs: 2, distractors: 3 } },
      'VALUE',
      /^run\.json: task: inContextRegression: distractors: expected an integer from 0 to 2, got 3/,
    ],
    ['exemplars of no number', { ...least, task: { exemplars: { train: '1' } } }, 'VALUE', /task\.exemplars\.train: /],
    ['label sets that are none', { ...least, task: { heldOutLabels: 'x' } }, 'VALUE', /task\.heldOutLabels: .*share/],
  ])('%s', (_, document, code, message) => {
    expect(parse(document)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })
})
