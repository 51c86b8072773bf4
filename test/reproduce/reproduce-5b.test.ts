import {
  type Condition5b,
  chart5b,
  conditions5b,
  type Runner5b,
  reproduceFigure5b,
  runCondition5b,
} from 'opsin/reproduce'
import { describe, expect, test } from 'vitest'

const names = Object.keys(conditions5b)
const fake = (name: string): Condition5b =>
  ({
    name,
    curve: [
      [0, 1.9],
      [100, 1],
    ],
    msPerStep: 1,
  }) as unknown as Condition5b

function fail(): never {
  throw new Error('the listener is gone')
}

describe('reproduceFigure5b', () => {
  test('runs all conditions and gives them in the order of the figure', async () => {
    const done: string[] = []
    const { conditions, claims } = await reproduceFigure5b({ sequences: 64, onDone: ({ name }) => done.push(name) })
    expect(conditions.map(({ name }) => name)).toEqual(names)
    expect([...done].sort()).toEqual([...names].sort())
    for (const { curve, msPerStep } of conditions) {
      expect(curve.map(([at]) => at)).toEqual([0, 64])
      expect(curve.every(([, loss]) => loss > 0)).toBe(true)
      expect(msPerStep).toBeGreaterThan(0)
    }
    expect(claims.every(({ holds }) => holds === null)).toBe(true)
  })

  test('hands every condition to the runner, with the settings', async () => {
    const asked: unknown[] = []
    const figure = await reproduceFigure5b({
      sequences: 100,
      seed: 7,
      run: async (name, settings) => {
        asked.push(settings)
        return fake(name)
      },
    })
    expect(asked).toEqual(names.map(() => ({ sequences: 100, seed: 7 })))
    expect(figure.conditions.map(({ name }) => name)).toEqual(names)
    expect(JSON.stringify(chart5b(figure))).toContain('layer 1 + copy')
  })

  test('a runner that fails fails the whole', async () => {
    const run = () => Promise.reject(new Error('the worker is gone'))
    await expect(reproduceFigure5b({ run })).rejects.toThrow('the worker is gone')
  })

  test.each([
    ['onProgress throws', { onProgress: fail }],
    ['onDone throws', { onDone: fail }],
    ['onDone rejects', { onDone: async () => fail() }],
  ])('where %s, that is what it throws, and the others stop', async (_, callbacks) => {
    const signals: (AbortSignal | undefined)[] = []
    const run: Runner5b = async (name, _settings, { signal, onProgress }) => {
      signals.push(signal)
      // One of the six is done; the others would go on for ever.
      if (signals.length > 1) await new Promise((_resolve, reject) => signal?.addEventListener('abort', reject))
      onProgress?.(32, 1)
      return fake(name)
    }
    await expect(reproduceFigure5b({ run, ...callbacks })).rejects.toThrow('the listener is gone')
    expect(signals.map((signal) => signal?.aborted)).toEqual(names.map(() => true))
  })

  test('after a callback that throws, no further condition starts', async () => {
    const heard = new Set<string>()
    const onDone = ({ name }: Condition5b) => {
      heard.add(name)
      fail()
    }
    await expect(reproduceFigure5b({ sequences: 64, onDone })).rejects.toThrow('the listener is gone')
    await new Promise((resume) => setTimeout(resume, 500))
    expect(heard.size).toBe(1)
  })

  test('stops when told to', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(reproduceFigure5b({ sequences: 64, signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('runCondition5b', () => {
  test('the same settings give the same curve, another seed another', async () => {
    const curves = await Promise.all([5, 5, 6].map((seed) => runCondition5b('copy', { sequences: 64, seed })))
    expect(curves[0].curve).toEqual(curves[1].curve)
    expect(curves[0].curve).not.toEqual(curves[2].curve)
  })

  test('is evaluated early, then every 5,000 sequences, and at its end', async () => {
    const { curve } = await runCondition5b('match', { sequences: 5500 })
    expect(curve.map(([at]) => at)).toEqual([0, 1024, 5024, 5504])
  })

  test('refuses features that are not finite', async () => {
    const features = { data: new Float32Array(10 * 8).fill(Number.NaN), shape: [10, 1, 8] }
    await expect(runCondition5b('none', { features })).rejects.toThrow(expect.objectContaining({ code: 'NOT_FINITE' }))
  })
})
