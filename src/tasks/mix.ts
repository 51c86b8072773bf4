import { check, fraction, integer, optional, readOptions, requireRecord, seed } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { named } from '../core/nearest.ts'
import { philox, streams } from '../core/rng.ts'
import { aTask, type Batch, type Task } from './define.ts'
import { batchOf, commonGround, evaluatorsOf, identityOf, pickRows, requireSameForm } from './parts.ts'

/** A task, and the share of all rows that are drawn from it. */
export type MixPart = { readonly task: Task; readonly share: number }

/** The task made by {@link mix}. */
export interface Mix extends Task {
  readonly name: 'mix'
  /** The name of the part that each row of a batch comes from: its row r is row r of the part's own batch. */
  partOf(step: number, size: number): readonly string[]
  /** How many rows of a batch come from each part. */
  composition(step: number, size: number): Readonly<Record<string, number>>
}

/** Shares may differ from 1 by the rounding of a sum of decimal fractions. */
const rounding = 1e-9

/**
 * A task that draws each row from one of several tasks, by share. The number of rows from a part is random in each
 * batch, and {@link Mix.composition} counts them. Row r of the mix is row r of the part's batch for the same
 * step. All parts write the same arrays and agree in sizes and tables.
 *
 * Evaluators are those of the parts, as `part/evaluator`.
 *
 * @throws OpsinError `VALUE` for shares that do not add up to 1; `VALUE`, `NAME`, `SHAPE` or `DTYPE` for parts that
 * disagree.
 * @example
 * import { mix, pool, repeatedTokens } from 'opsin'
 * const fresh = repeatedTokens({ vocab: 32, segment: 12 })
 * const task = mix({
 *   fresh: { task: fresh, share: 0.9 },
 *   repeated: { task: pool(fresh, { size: 256 }), share: 0.1 },
 * })
 * const { fresh: once, repeated } = task.composition(0, 32)
 * if (once + repeated !== 32 || !task.evaluators.includes('repeated/pool')) throw new Error('wrong mix')
 */
export function mix(parts: Readonly<Record<string, MixPart>>, options: { readonly seed?: number } = {}): Mix {
  const { seed: key } = readOptions('mix', options, { seed: optional(seed, 0) })
  const { names, tasks, shares } = readParts(parts)
  const ground = commonGround('mix', tasks)
  const evaluators = evaluatorsOf(tasks)
  const bounds = shares.map((_, part) => shares.slice(0, part + 1).reduce((sum, share) => sum + share, 0))
  const last = shares.reduce((found, share, part) => (share > 0 ? part : found), 0)
  const rng = philox(key, streams.mix)
  const config = {
    seed: key,
    parts: Object.fromEntries(names.map((name, i) => [name, { share: shares[i], task: identityOf(tasks[name]) }])),
  }
  // A mix within a mix draws other random numbers than the outer one, even with equal seeds.
  const level = mixesIn(config)

  const draw = (step: number, size: number): Int32Array => {
    check('mix: step', step, integer(0))
    check('mix: size', size, integer(1, 2 ** 24))
    return Int32Array.from({ length: size }, (_, row) => {
      const part = bounds.findIndex((bound) => rng.uniform(step, row, level) < bound)
      return part < 0 ? last : part
    })
  }
  return {
    name: 'mix',
    config,
    ...ground,
    batch(step, size) {
      const from = draw(step, size)
      const batches = names.map((name, part) =>
        from.includes(part) ? batchOf(`mix: ${name}`, tasks[name], step, size) : undefined,
      )
      requireSameForm(`mix: batch ${step}`, present(names, batches))
      return pickRows(
        batches,
        from,
        Int32Array.from({ length: size }, (_, row) => row),
      )
    },
    evaluators: Object.keys(evaluators),
    evaluator: (name, count) => named('mix: evaluator', 'an evaluator', name, evaluators)(count),
    partOf: (step, size) => Array.from(draw(step, size), (part) => names[part]),
    composition(step, size) {
      const counts = Object.fromEntries(names.map((name) => [name, 0]))
      for (const part of draw(step, size)) counts[names[part]]++
      return counts
    },
  }
}

function readParts(parts: Readonly<Record<string, MixPart>>) {
  const names = Object.keys(requireRecord('mix', parts, 'parts by name, each { task, share }'))
  const read = names.map((name) => readOptions(`mix: ${name}`, parts[name], { task: aTask, share: fraction }))
  const shares = read.map(({ share }) => share)
  const whole = shares.reduce((sum, share) => sum + share, 0)
  if (Math.abs(whole - 1) > rounding) {
    throw new OpsinError('VALUE', { where: 'mix: shares', expected: 'a sum of 1', got: String(whole) })
  }
  return { names, shares, tasks: Object.fromEntries(read.map(({ task }, i) => [names[i], task])) }
}

/** The number of mixes in a config. */
function mixesIn(config: unknown): number {
  if (typeof config !== 'object' || config === null) return 0
  const own = (config as { readonly name?: unknown }).name === 'mix' ? 1 : 0
  return Object.values(config).reduce((sum, value) => sum + mixesIn(value), own)
}

function present(names: readonly string[], batches: readonly (Batch | undefined)[]): Readonly<Record<string, Batch>> {
  return Object.fromEntries(names.flatMap((name, i) => (batches[i] === undefined ? [] : [[name, batches[i]]])))
}
