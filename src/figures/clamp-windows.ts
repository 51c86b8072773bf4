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

/** The windows that the interventions of training runs say, each once; clamps that are always on have none to mark. */
export function clampWindows(curves: Curves): Band[] {
  const bands = Object.values(byName('clampWindows', curves)).flatMap((curve) => (isRun(curve) ? windowsOf(curve) : []))
  return [...new Map(bands.map((band) => [JSON.stringify(band), band])).values()]
}

function windowsOf(run: Pick<TrainingRun, 'records'> & Partial<Pick<TrainingRun, 'checkpoint'>>): Band[] {
  const identity = run.checkpoint?.identity
  if (identity === undefined) return []
  return (identity.interventions as readonly Timed[]).flatMap(({ kind, when }): Band[] => {
    if (when === undefined) return []
    const unit = when.unit === 'steps' ? identity.batch : 1
    return [{ from: when.from * unit, ...(when.to === undefined ? {} : { to: when.to * unit }), label: kind }]
  })
}
