import { check, integer, optional, readOptions, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { list } from '../core/fields.ts'
import { named } from '../core/nearest.ts'
import { show } from '../core/show.ts'
import { aTask, type Task } from './define.ts'
import { commonGround, evaluatorsOf, identityOf } from './parts.ts'

/** A task, and how long it lasts. */
export type Stage = {
  readonly task: Task
  /** The first step after it. The last stage has none: it does not end. */
  readonly until?: number
  /** The prefix of its evaluators' names; default its place: `stage-0`, `stage-1` … */
  readonly name?: string
}

const table = { task: aTask, until: optional(integer(1)), name: optional(text) }

/**
 * One task after the other, by step: a batch for step s is the batch for step s of the first task whose `until` lies
 * beyond s. All tasks write the same arrays and agree in sizes and tables; an array that grows must be padded, for example with targets
 * of −1 or weights of 0.
 *
 * Evaluators are those of the stages, as `stage/evaluator`.
 *
 * @throws OpsinError `VALUE` for stages that do not follow one another; `VALUE`, `NAME`, `SHAPE` or `DTYPE` for tasks that
 * disagree.
 * @example
 * import { curriculum, repeatedTokens } from 'opsin'
 * const task = curriculum([
 *   { name: 'easy', until: 500, task: repeatedTokens({ vocab: 64, segment: 16, tokens: 'zipf' }) },
 *   { name: 'hard', task: repeatedTokens({ vocab: 64, segment: 16 }) },
 * ])
 * if (!task.evaluators.includes('hard/train')) throw new Error('no such evaluator')
 */
export function curriculum(stages: readonly Stage[]): Task {
  check('curriculum', stages, list)
  const read = Array.from(stages, (stage, i) => readOptions(`curriculum: [${i}]`, stage, table))
  const names = read.map(({ name }, i) => name ?? `stage-${i}`)
  requireOrder(
    read.map(({ until }) => until),
    names,
  )
  const parts = Object.fromEntries(read.map(({ task }, i) => [names[i], task]))
  const ground = commonGround('curriculum', parts)
  const evaluators = evaluatorsOf(parts)
  return {
    name: 'curriculum',
    config: {
      stages: read.map(({ until, task }, i) => ({
        name: names[i],
        ...(until === undefined ? {} : { until }),
        task: identityOf(task),
      })),
    },
    ...ground,
    batch(step, size) {
      check('curriculum: step', step, integer(0))
      const stage = read.findIndex(({ until }) => until === undefined || step < until)
      return read[stage].task.batch(step, size)
    },
    evaluators: Object.keys(evaluators),
    evaluator: (name, count) => named('curriculum: evaluator', 'an evaluator', name, evaluators)(count),
  }
}

/** Throws unless each stage ends after the one before, the last never, and each has a name of its own. */
function requireOrder(ends: readonly (number | undefined)[], names: readonly string[]): void {
  const fail = (where: string, expected: string, got: unknown): never => {
    throw new OpsinError('VALUE', { where: `curriculum: ${where}`, expected, got: show(got) })
  }
  if (ends.length === 0) fail('stages', 'at least one', [])
  ends.forEach((until, i) => {
    if (i === ends.length - 1) {
      if (until !== undefined) fail(`[${i}].until`, 'nothing in the last stage, which does not end', until)
    } else if (until === undefined || until <= (ends[i - 1] ?? 0)) {
      fail(`[${i}].until`, `a step after ${ends[i - 1] ?? 0}, since a stage follows`, until)
    }
  })
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) fail('names', 'a different one for each stage', twice)
}
