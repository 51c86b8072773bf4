import fc from 'fast-check'
import { decodeCheckpoint, encodeCheckpoint, OpsinError } from 'opsin'
import { describe, expect, it } from 'vitest'
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

  it('with any byte changed is refused or read, and nothing else', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = bytes.slice()
        broken[at] ^= by
        attempt(broken)
      }),
      { numRuns: 400 },
    )
  })

  const metadata = (run: string | undefined, version = '1', format = 'opsin-checkpoint') =>
    writeSafetensors({}, { format, version, ...(run === undefined ? {} : { run }) } as Record<string, string>)

  it.each<[string, Uint8Array]>([
    ['of another version', metadata('{}', '2')],
    ['of another format', metadata('{}', '1', 'weights')],
    ['without a header', metadata(undefined)],
    ['with a header that is no JSON', metadata('{')],
    ['with a header of nothing', metadata('null')],
    ['with a header that is a number', metadata('3')],
    ['without a step', metadata('{"identity":{},"records":[],"receipts":[]}')],
    ['with a step before the first', metadata('{"identity":{},"step":-1,"records":[],"receipts":[]}')],
    ['of nobody', metadata('{"identity":null,"step":1,"records":[],"receipts":[]}')],
    ['of a list', metadata('{"identity":[],"step":1,"records":[],"receipts":[]}')],
  ])('%s is refused', (_, broken) => expect(attempt(broken)).toBe('FORMAT'))
})
