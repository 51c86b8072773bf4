import { check, finite, oneOf, positive, type Rule, requireObject, text } from '../core/check.ts'
import { listOf, object } from '../core/fields.ts'
import type { TrainingRun } from '../train/run.ts'
import { byName, type Curves, isRun } from './series.ts'

/** A stretch of training to mark in a figure, in sequences seen. */
export interface Band {
  readonly from: number
  /** Default the end. */
  readonly to?: number
  readonly label?: string
}

interface Timed {
  readonly kind: string
  readonly when?: { readonly unit: string; readonly from: number; readonly to?: number }
}

/** An intervention, as far as a figure reads it. */
const timed: Rule<Timed> = {
  expected: 'interventions, with when they act',
  fits: (it) => {
    if (!object.fits(it)) return false
    const { kind, when } = it as Partial<Timed>
    return text.fits(kind) && (when === undefined || isWindow(when))
  },
}
const timedList = listOf(timed, 'a list of interventions')

const units = oneOf('steps', 'sequences')

function isWindow(when: unknown): boolean {
  if (!object.fits(when)) return false
  const { unit, from, to } = when as { unit?: unknown; from?: unknown; to?: unknown }
  return units.fits(unit) && finite.fits(from) && (to === undefined || finite.fits(to))
}

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
  return check(`${where}.interventions`, interventions as readonly Timed[], timedList).flatMap(
    ({ kind, when }): Band[] => {
      if (when === undefined) return []
      const unit = when.unit === 'steps' ? perStep : 1
      return [{ from: when.from * unit, ...(when.to === undefined ? {} : { to: when.to * unit }), label: kind }]
    },
  )
}
