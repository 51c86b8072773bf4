import {
  attention,
  concatResidual,
  linearReadout,
  OpsinError,
  rotary,
  shiftKeys,
  shiftMix,
  shiftValues,
  tiedReadout,
  tokenInputs,
  transformer,
} from 'opsin'
import { describe, expect, it } from 'vitest'

const options = { dModel: 4, inputs: tokenInputs({ vocab: 5 }), readout: linearReadout() } as const

function modelOf(mixer: ReturnType<typeof attention>) {
  return transformer({ ...options, blocks: [{ mixer }] })
}

function errorOf(work: () => unknown): OpsinError {
  try {
    work()
  } catch (error) {
    if (error instanceof OpsinError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('what does not fit is refused', () => {
  const refused: [string, () => unknown, string, RegExp][] = [
    [
      'a gate over three tokens',
      () => shiftMix({ weights: 'gate', window: 3 }),
      'VALUE',
      /shares out between two tokens/,
    ],
    [
      'a gate over one token',
      () => shiftKeys({ weights: 'gate', window: 1 }),
      'VALUE',
      /shares out between two tokens/,
    ],
    [
      'modifiers that shift the same keys',
      () => modelOf(attention({ heads: 2, with: [shiftKeys(), shiftMix()] })),
      'VALUE',
      /two that have attn\.shift_k/,
    ],
    [
      'rotary positions twice',
      () => modelOf(attention({ heads: 2, with: [rotary(), rotary()] })),
      'VALUE',
      /two that have attn\.rot_q/,
    ],
    [
      'a bias of keys that are not projected',
      () => attention({ heads: 1, k: 'identity', bias: ['q', 'k'] }),
      'VALUE',
      /attention: bias/,
    ],
    [
      'a bias of the keys of bilinear scores',
      () => attention({ heads: 1, scores: 'bilinear', bias: ['k'] }),
      'VALUE',
      /attention: bias/,
    ],
    [
      'bilinear scores of queries as they are',
      () => attention({ heads: 1, scores: 'bilinear', q: 'identity' }),
      'VALUE',
      /bilinear scores have a matrix/,
    ],
    [
      'an embedding tied to a wider stream',
      () => {
        const block = { mixer: attention({ heads: 2 }), residual: concatResidual() }
        transformer({ ...options, blocks: [block], readout: tiedReadout() }).graph({ batch: 1, length: 2 })
      },
      'SHAPE',
      /tiedReadout: expected values of width 4, got width 8/,
    ],
  ]
  it.each(refused)('%s', (_, work, code, message) => {
    const error = errorOf(work)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it('and what fits is not', () => {
    expect(() => modelOf(attention({ heads: 2, with: [rotary(), shiftKeys(), shiftValues()] }))).not.toThrow()
    expect(() => attention({ heads: 1, k: 'identity', scores: 'bilinear', bias: true })).not.toThrow()
  })
})
