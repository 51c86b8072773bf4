import type { TrainingRun } from '../train/run.ts'

/** Points of a curve: sequences seen, and a value. */
export type CurvePoints = readonly (readonly [number, number])[]

/** What has a curve: a training run, or points. */
export type Curve = Pick<TrainingRun, 'records'> | CurvePoints

/** One run, or several things that have curves, by name. */
export type Curves = Pick<TrainingRun, 'records'> | Readonly<Record<string, Curve>>

export interface Series {
  readonly name: string
  readonly points: CurvePoints
}

/** Which numbers of a run a curve shows. */
export interface Reading {
  /** A probe's name; default `loss`. */
  readonly probe?: string
  /** An evaluation set's name; default all the run has. */
  readonly set?: string
}

/** The curves by name, in the order given; a run that stands alone is called `run`. */
export function toSeries(curves: Curves, reading: Reading = {}): Series[] {
  return Object.entries(byName(curves)).map(([name, curve]) => ({ name, points: pointsOf(curve, reading) }))
}

export function byName(curves: Curves): Readonly<Record<string, Curve>> {
  return isRun(curves) ? { run: curves } : curves
}

export function isRun(curves: Curves | Curve): curves is Pick<TrainingRun, 'records'> {
  return 'records' in curves && Array.isArray(curves.records) && curves.records.every((record) => 'values' in record)
}

function pointsOf(curve: Curve, { probe = 'loss', set }: Reading): CurvePoints {
  if (!isRun(curve)) return curve
  return curve.records.flatMap((record): [number, number][] => {
    const value = record.values[probe]
    return typeof value === 'number' && (set === undefined || set === record.set) ? [[record.sequences, value]] : []
  })
}
