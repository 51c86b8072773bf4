import { OpsinError } from '../core/errors.ts'
import { show } from '../core/show.ts'
import { showSite } from '../interventions/at.ts'
import type { Phase } from '../interventions/define.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import type { EvaluationSet } from './evaluate.ts'
import type { Schedule } from './schedule.ts'

/**
 * Throws for an intervention that would never fire in this run. Windows, phases and the moments of evaluation are all
 * known before a run begins, so no run ends without its result for one.
 *
 * @throws OpsinError `NO_EFFECT` unless it is `optional`.
 */
export function requireEffect(
  interventions: readonly Intervention[],
  sets: readonly EvaluationSet[],
  schedule: Schedule,
): void {
  const { steps, batch } = schedule
  const asTrained = sets.some((set) => set.interventions === undefined)
  const training = { is: `one of the run's ${steps} steps of ${batch} sequences`, at: (step: number) => step < steps }
  const evaluation = {
    is: 'an evaluation, of a set under the interventions of training',
    at: (step: number) => asTrained && schedule.scheduledProbes(step).length > 0,
  }
  const measuring = { is: 'an evaluation', at: (step: number) => schedule.probesDue(step).length > 0 }

  const require = (where: string, one: Intervention, moment: typeof training) => {
    if (!one.optional && !schedule.someStep(one.when, moment.at)) throw neverFires(where, one, moment.is)
  }
  interventions.forEach((one, i) => {
    require(`interventions[${i}]`, one, acts(one, 'train') ? training : evaluation)
  })
  sets.forEach((set, i) => {
    set.interventions?.forEach((one, j) => {
      // An intervention for training alone may be in a list that serves both.
      if (acts(one, 'eval')) require(`evaluations[${i}].interventions[${j}]`, one, measuring)
    })
  })
}

function acts({ phase }: Intervention, during: Phase): boolean {
  return phase === undefined || phase.includes(during)
}

function neverFires(where: string, { kind, at, when, phase }: Intervention, moment: string): OpsinError {
  return new OpsinError('NO_EFFECT', {
    where: `${where} (${kind} ${showSite(at)})`,
    expected: `a window and phase that hold ${moment}`,
    got: show({ when, phase }),
    hint: 'Mend the window or phase, train for longer, evaluate at other moments, or mark it { optional: true }.',
  })
}
