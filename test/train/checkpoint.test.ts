import fc from 'fast-check'
import { decodeCheckpoint, encodeCheckpoint, OpsinError } from 'opsin'
import { describe, expect, it } from 'vitest'
import { stableHash } from '../../src/core/canonical.ts'
import { tensorsHash } from '../../src/core/tensor-hash.ts'
import { writeSafetensors } from '../../src/io/safetensors.ts'
import { tinyRun } from '../support/runs.ts'

const { run } = await tinyRun()
const bytes = encodeCheckpoint(run.checkpoint)

/** Decodes, and lets nothing but an OpsinError pass. */
function attempt(broken: Uint8Array): string {
  try {
    decodeCheckpoint(broken, 'run.safetensors')
    return 'fine'
  } catch (error) {
    if (!(error instanceof OpsinError)) throw error
    expect(error.message).toContain('run.safetensors')
    return error.code
  }
}

describe('a checkpoint', () => {
  it('comes back as it was, to the byte', () => {
    const again = decodeCheckpoint(bytes)
    expect(again).toEqual(run.checkpoint)
    expect(encodeCheckpoint(again)).toEqual(bytes)
  })

  it('cut short anywhere is refused', () => {
    for (let length = 0; length < bytes.length; length += length < 4000 || length > bytes.length - 400 ? 1 : 97) {
      expect(attempt(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toBe('FORMAT')
    }
  })

  it('with any byte changed is refused, unless it says the same', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = bytes.slice()
        broken[at] ^= by
        // White space of another kind, say.
        if (attempt(broken) === 'fine') expect(decodeCheckpoint(broken)).toEqual(run.checkpoint)
      }),
      { numRuns: 400 },
    )
  })

  it('with zeros in its middle is refused, whichever part they are in', () => {
    for (let start = 0; start < bytes.length; start += 500) {
      const broken = bytes.slice().fill(0, start, start + 400)
      expect(attempt(broken), `from byte ${start}`).toBe('FORMAT')
    }
  })

  it('with the records of a long run comes back', () => {
    const records = Array.from({ length: 100_000 }, (_, step) => ({
      step,
      sequences: 32 * step,
      set: 'the "training" distribution \\',
      values: { loss: 1 / (step + 1), 'induction-strength.1': [0.25, step / 7] },
    }))
    const again = decodeCheckpoint(encodeCheckpoint({ ...run.checkpoint, records }))
    expect(again.records).toEqual(records)
  })

  it('of version 1, which had no checksum, is refused with the opsin that wrote it', () => {
    const { state, ...header } = run.checkpoint
    const old = writeSafetensors(state, {
      format: 'opsin-checkpoint',
      version: '1',
      opsin: '0.0.9',
      run: JSON.stringify(header),
    })
    expect(() => decodeCheckpoint(old)).toThrow(/version 2, got opsin-checkpoint 1\. It has no checksum.*0\.0\.9/)
  })
})

describe('a checkpoint whose checksum fits', () => {
  /** A file with a checksum that fits, whatever it says. */
  const sealed = (run: string | undefined, version = '2', format = 'opsin-checkpoint') => {
    const metadata = { format, version, ...(run === undefined ? {} : { run }) } as Record<string, string>
    return writeSafetensors({}, { ...metadata, checksum: stableHash({ metadata, tensors: tensorsHash({}) }) })
  }
  const header = (parts: object) =>
    JSON.stringify({ identity: { interventions: [] }, step: 1, records: [], receipts: [], ...parts })
  const record = { step: 0, sequences: 0, set: 'train', values: { loss: 1 } }
  const receipt = { index: 0, kind: 'ablate', at: 'v', fired: 1, elements: 1, largestChange: 1 }
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

  it('with the least in its header is read', () => {
    expect(attempt(sealed(header({ records: [record], receipts: [receipt] })))).toBe('fine')
  })

  it.each<[string, Uint8Array]>([
    ['of another version', sealed(header({}), '3')],
    ['of another format', sealed(header({}), '2', 'weights')],
    ['without a header', sealed(undefined)],
    ['with a header that is no JSON', sealed('{')],
    ['with a header of nothing', sealed('null')],
    ['with a header that is a number', sealed('3')],
    [
      'with a header nested 5,000 deep',
      sealed(`{"identity":{"interventions":[${nested(5000)}]},"step":1,"records":[],"receipts":[]}`),
    ],
    ['with two steps', sealed(header({}).replace('{', '{"step":1,'))],
    ['without a step', sealed(header({ step: undefined }))],
    ['with a step before the first', sealed(header({ step: -1 }))],
    ['of nobody', sealed(header({ identity: null }))],
    ['of a list', sealed(header({ identity: [] }))],
    ['of a run without interventions', sealed(header({ identity: {} }))],
    ['with a record of nothing', sealed(header({ records: [null] }))],
    ['with a record of no set', sealed(header({ records: [{ ...record, set: undefined }] }))],
    ['with a value that is no number', sealed(header({ records: [{ ...record, values: { loss: [1, null] } }] }))],
    ['with a receipt of nothing', sealed(header({ receipts: [null] }))],
    ['with a receipt that has not counted', sealed(header({ receipts: [{ ...receipt, fired: -1 }] }))],
  ])('%s is refused', (_, broken) => expect(attempt(broken)).toBe('FORMAT'))
})

describe('what no run could go on from is not written', () => {
  const { checkpoint } = run
  const [name] = Object.keys(checkpoint.state)
  const { shape, data } = checkpoint.state[name]
  const withNaN = { shape, data: data.slice().fill(Number.NaN, 1, 2) }
  const [first, ...others] = checkpoint.records

  it.each<[string, object, string]>([
    ['weights that are not finite', { state: { ...checkpoint.state, [name]: withNaN } }, 'NOT_FINITE'],
    ['a loss that is not finite', { records: [{ ...first, values: { loss: Number.NaN } }, ...others] }, 'NOT_FINITE'],
    [
      'a change that is not finite',
      { receipts: checkpoint.receipts.map((receipt) => ({ ...receipt, largestChange: Number.POSITIVE_INFINITY })) },
      'NOT_FINITE',
    ],
    ['no records', { records: undefined }, 'FORMAT'],
    ['a record of nothing', { records: [null] }, 'FORMAT'],
  ])('%s', (_, change, code) => {
    expect(() => encodeCheckpoint({ ...checkpoint, ...change })).toThrow(expect.objectContaining({ code }))
  })

  it('a whole run instead of its checkpoint', () => {
    expect(() => encodeCheckpoint(run as unknown as typeof checkpoint)).toThrow(/identity.*\[FORMAT\]/)
  })
})
