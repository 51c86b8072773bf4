import { type Claim, claims5b } from './claims.ts'
import { type ConditionName, conditionNames } from './conditions.ts'
import type { Points } from './points.ts'
import { type Condition5b, runCondition5b, type Settings5b, type Watch5b } from './run-condition.ts'

/** How one condition is run: here and now, in a worker, on another machine. */
export type Runner5b = (name: ConditionName, settings: Settings5b, watch: Watch5b) => Promise<Condition5b>

export interface Reproduce5bOptions extends Settings5b {
  readonly signal?: AbortSignal
  readonly onProgress?: (name: ConditionName, sequences: number, loss: number) => void
  readonly onDone?: (condition: Condition5b) => void
  /**
   * Runs a condition. All six are asked for at once, those that take longest first, for the runner to spread as it likes;
   * without one they run one after the other. The signal that it is given is aborted when the figure's own is, and when
   * another condition or a callback fails.
   */
  readonly run?: Runner5b
}

/** Figure 5b, run again. */
export interface Figure5b {
  /** In the order of the figure's legend. */
  readonly conditions: readonly Condition5b[]
  readonly claims: readonly Claim[]
}

/** Those that compute the most in a step first, so that the last ones to end are short. */
const longestFirst: readonly ConditionName[] = ['none', '{1}', 'match', 'copy', '{1,2}', 'layer 1 + copy']

/**
 * Runs figure 5b of Singh et al. 2024 again: the paper's transformer trained under six clamps, and what the curves say
 * about each of the paper's claims.
 *
 * @throws OpsinError as `train`; the signal's reason when aborted; whatever a callback throws.
 * @example
 * import { reproduceFigure5b } from 'opsin/reproduce'
 * const { conditions, claims } = await reproduceFigure5b({ sequences: 320 })
 * console.assert(conditions.length === 6 && claims.every(({ holds }) => holds !== true))
 */
export async function reproduceFigure5b(options: Reproduce5bOptions = {}): Promise<Figure5b> {
  const { run = oneByOne(), signal, onProgress, onDone, ...settings } = options
  const failed = new AbortController()
  const stopped = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const finish = async (name: ConditionName) => {
    const condition = await run(name, settings, {
      signal: stopped,
      onProgress: (sequences, loss) => onProgress?.(name, sequences, loss),
    })
    stopped.throwIfAborted()
    await onDone?.(condition)
    return condition
  }
  const results = await Promise.all(longestFirst.map(finish)).catch((error) => {
    failed.abort(error)
    throw error
  })
  signal?.throwIfAborted()
  const conditions = conditionNames.map((name) => results[longestFirst.indexOf(name)])
  return { conditions, claims: claims5b(curvesByName(conditions)) }
}

function curvesByName(conditions: readonly Condition5b[]): Readonly<Record<ConditionName, Points>> {
  return Object.fromEntries(conditions.map(({ name, curve }) => [name, curve])) as Record<ConditionName, Points>
}

/** Keeps the conditions in a row; after one has failed the others do not start. */
function oneByOne(): Runner5b {
  let last: Promise<unknown> = Promise.resolve()
  return (...condition) => {
    const next = last.then(() => runCondition5b(...condition))
    last = next
    return next
  }
}
