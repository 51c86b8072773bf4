import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
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
  /** An evaluation set's name; default all that the run has, a line each. */
  readonly set?: string
}

/**
 * The curves by name, in the order given. A run that was measured on several sets has a curve for each, `name: set`; the
 * curves of one that stands alone are called by their sets.
 *
 * @throws OpsinError `NAME` for a probe or a set that a run does not have, with the nearest; `VALUE` for what is no curve.
 */
export function toSeries(figure: string, curves: Curves, reading: Reading = {}): Series[] {
  const named = Object.entries(byName(figure, curves))
  if (reading.set !== undefined && !named.some(([, curve]) => isRun(curve))) {
    throw unknownName(`${figure}: set`, 'an evaluation set of a run', reading.set, [])
  }
  return named.flatMap(([name, curve]) => {
    if (!isRun(curve)) return [{ name, points: curve }]
    const sets = setsOf(isRun(curves) ? figure : `${figure}: ${name}`, curve, reading)
    const nameOf = (set: string) => (sets.length === 1 ? name : `${name}: ${set}`)
    return sets.map(([set, points]) => ({ name: isRun(curves) ? set : nameOf(set), points }))
  })
}

export function byName(figure: string, curves: Curves): Readonly<Record<string, Curve>> {
  if (isRun(curves)) return { run: curves }
  const wrong = isObject(curves) ? Object.keys(curves).find((name) => !isCurve(curves[name])) : 'curves'
  if (wrong === undefined) return curves
  throw new OpsinError('VALUE', {
    where: `${figure}: ${wrong}`,
    expected: 'a run, or curves by name: runs or lists of points [sequences, value]',
    got: 'something else',
  })
}

export function isRun(curve: unknown): curve is Pick<TrainingRun, 'records'> {
  if (!isObject(curve) || !Array.isArray(curve.records)) return false
  return curve.records.every((record) => isObject(record) && 'values' in record)
}

function isCurve(curve: unknown): boolean {
  const isPoint = (point: unknown) => Array.isArray(point) && point.length === 2
  return isRun(curve) || (Array.isArray(curve) && curve.every(isPoint))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** What a probe measured on each set, in the order of the records; only on the set asked for, where one is. */
function setsOf(
  where: string,
  { records }: Pick<TrainingRun, 'records'>,
  { probe = 'loss', set }: Reading,
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
