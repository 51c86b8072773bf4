import { check, positive, type Rule, requireObject, text } from '../core/check.ts'
import { listOf, object } from '../core/fields.ts'
import { aWindow, type Window } from '../interventions/schedule.ts'
import type { TrainingRun } from '../train/run.ts'
import { byName, type Curves, isRun } from './series.ts'

/** A stretch of training to mark in a figure, in sequences seen. */
export interface Band {
  readonly from: number
  /** Default the end. */
  readonly to?: number
  readonly label?: string
}

/** An intervention, as far as a figure reads it. */
interface Timed {
  readonly kind: string
  readonly when?: Window
}

const interventionList = listOf<Timed>(object as Rule<Timed>, 'a list of interventions')

/** The windows that the interventions of training runs say, each once; clamps that are always on have none to mark. */
export function clampWindows(curves: Curves): Band[] {
  const bands = Object.values(byName('clampWindows', curves)).flatMap((curve) => (isRun(curve) ? windowsOf(curve) : []))
  return [...new Map(bands.map((band) => [JSON.stringify(band), band])).values()]
}

function windowsOf(run: Pick<TrainingRun, 'records'> & Partial<Pick<TrainingRun, 'checkpoint'>>): Band[] {
  if (run.checkpoint === undefined) return []
  const where = 'clampWindows: checkpoint.identity'
  const { identity } = requireObject('clampWindows: checkpoint', run.checkpoint, 'a checkpoint')
  const { interventions, batch } = requireObject(where, identity, 'what the run is')
  const perStep = check(`${where}.batch`, batch as number, positive)
  const list = check(`${where}.interventions`, interventions as readonly Timed[], interventionList)
  return list.flatMap(({ kind, when }, i): Band[] => {
    const place = `${where}.interventions[${i}]`
    check(`${place}.kind`, kind, text)
    if (when === undefined) return []
    const { unit, from, to } = check(`${place}.when`, when, aWindow)
    const scale = unit === 'steps' ? perStep : 1
    return [{ from: from * scale, ...(to === undefined ? {} : { to: to * scale }), label: kind }]
  })
}
