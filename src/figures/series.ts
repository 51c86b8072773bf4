import { check, notNegative, type OptionsOf, type Rule, requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { listOf, object } from '../core/fields.ts'
import { unknownName } from '../core/nearest.ts'
import { requireRecords } from '../train/checkpoint-header.ts'
import type { TrainingRun } from '../train/run.ts'
import type { reading } from './options.ts'

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
  /** An evaluation set's name; default all that the run has, a line each. */
  readonly set?: string
}

/** A {@link Reading} once read. */
type ReadingOptions = OptionsOf<typeof reading>

/**
 * The curves by name, in the order given. A run that was measured on several sets has a curve for each, `name: set`; the
 * curves of one that stands alone are called by their sets.
 *
 * @throws OpsinError `NAME` for a probe or a set that a run does not have, with the nearest; `VALUE` for a value that is no curve, or one
 *   that goes back.
 */
export function toSeries(figure: string, curves: Curves, reading: ReadingOptions): Series[] {
  const named = Object.entries(byName(figure, curves))
  if (reading.set !== undefined && !named.some(([, curve]) => isRun(curve))) {
    throw unknownName(`${figure}: set`, 'an evaluation set of a run', reading.set, [])
  }
  const series = named.flatMap(([name, curve]) => {
    if (!isRun(curve)) return [{ name, points: curve }]
    const sets = setsOf(isRun(curves) ? figure : `${figure}: ${name}`, curve, reading)
    const nameOf = (set: string) => (sets.length === 1 ? name : `${name}: ${set}`)
    return sets.map(([set, points]) => ({ name: isRun(curves) ? set : nameOf(set), points }))
  })
  for (const one of series) requireOrder(figure, one)
  return series
}

/** A curve goes on to the right. */
function requireOrder(figure: string, { name, points }: Series): void {
  const back = points.findIndex(([x], i) => i > 0 && x < points[i - 1][0])
  if (back < 0) return
  throw new OpsinError('VALUE', {
    where: `${figure}: ${name}, point ${back}`,
    expected: `points in the order of the sequences seen, this one at ${points[back - 1][0]} or later`,
    got: String(points[back][0]),
  })
}

export function byName(figure: string, curves: Curves): Readonly<Record<string, Curve>> {
  return isRun(curves) ? { run: requireCurve(figure, curves) } : requireCurves(figure, curves)
}

/** Gives curves by name back. @throws OpsinError `VALUE` for what is none, `FORMAT` for a run whose records are none. */
function requireCurves(where: string, curves: unknown): Readonly<Record<string, Curve>> {
  const expected = 'a run, or curves by name: runs or lists of points [sequences, value]'
  const named = Object.entries(requireRecord(where, curves, expected))
  return Object.fromEntries(named.map(([name, curve]) => [name, requireCurve(`${where}: ${name}`, curve)]))
}

/** Of curves by name that must be points. */
export function requirePoints(where: string, curves: unknown): Readonly<Record<string, CurvePoints>> {
  const named = Object.entries(requireRecord(where, curves, 'lists of points [sequences, value] by name'))
  return Object.fromEntries(named.map(([name, curve]) => [name, check(`${where}: ${name}`, curve, points)]))
}

function requireCurve<T>(where: string, curve: T): T & Curve {
  if (!isRun(curve)) return check(where, curve, points) as T & Curve
  requireRecords(curve.records, where)
  return curve
}

/** What has a list of records; what these are is checked where they are read. */
export function isRun(curve: unknown): curve is Pick<TrainingRun, 'records'> {
  if (!object.fits(curve)) return false
  const { records } = curve as Partial<TrainingRun>
  // A list of points may be called "records".
  return Array.isArray(records) && !(records.length > 0 && points.fits(records))
}

/** A value may be NaN: a run that diverged has such a loss. */
const point: Rule<readonly [number, number]> = {
  expected: '[sequences, value]',
  fits: (it) => Array.isArray(it) && it.length === 2 && notNegative.fits(it[0]) && typeof it[1] === 'number',
}
const points = listOf(point, 'a run, or a list of points [sequences, value]')

/** What a probe measured on each set, in the order of the records; only on the set asked for, where one is. */
function setsOf(
  where: string,
  { records }: Pick<TrainingRun, 'records'>,
  { probe, set }: ReadingOptions,
): [set: string, points: CurvePoints][] {
  const numbers = records.flatMap((record) =>
    Object.entries(record.values).flatMap(([name, value]) =>
      typeof value === 'number' ? [{ name, set: record.set, point: [record.sequences, value] as const }] : [],
    ),
  )
  const probes = new Set(numbers.map(({ name }) => name))
  if (!probes.has(probe))
    throw unknownName(`${where}: probe`, 'a probe that gives the run a number', probe, [...probes])
  const measured = numbers.filter(({ name }) => name === probe)
  const sets = [...new Set(measured.map((number) => number.set))]
  if (set !== undefined && !sets.includes(set)) throw unknownName(`${where}: set`, 'an evaluation set', set, sets)
  const wanted = set === undefined ? sets : [set]
  return wanted.map((each) => [each, measured.flatMap((number) => (number.set === each ? [number.point] : []))])
}
