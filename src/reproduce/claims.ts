import type { ConditionName } from './conditions.ts'
import { firstBelow, firstCrossing, lossAt, type Points, timeBetween } from './points.ts'

/** What the paper says of its figure, held against curves. */
export interface Claim {
  readonly claim: string
  /** `null` where the curves are too short to tell. */
  readonly holds: boolean | null
  /** The numbers behind it. */
  readonly measured: string
}

export type Curves5b = Readonly<Record<ConditionName, Points>>

/** The loss of a model that answers with a random label of the context. */
const GUESS = Math.LN2
/** A run has learned the task when its loss is first below this: the paper's own measure of learning time. */
const LEARNED = 0.4 * Math.LN2
/** A plateau: the loss stays between these for at least so many sequences. (Sheet 01, section 11: .69 to .78, 5e4.) */
const PLATEAU = { low: 0.69, high: 0.78, length: 50_000 }

/**
 * Every claim of the figure, in the paper's order, measured on six curves. Thresholds stand beside the claims; where the
 * paper says "about", they leave room for another seed and other image features, for nothing more.
 *
 * @example
 * import { claims5b, published5b } from 'opsin/reproduce'
 * console.assert(claims5b(published5b).every(({ holds }) => holds))
 */
export function claims5b(curves: Curves5b): Claim[] {
  return [
    order(curves),
    stuck(curves),
    plateaus(curves),
    earlier(curves),
    slowStart(curves),
    layer1Solves(curves),
    quick(curves),
    ledge(curves),
  ]
}

function order(curves: Curves5b): Claim {
  const claim =
    'at 1e5 sequences: layer 1 + copy about equal to match or below it (at most 1.25 ×), both < copy < {1,2} < {1}, and {1} at most none (+ .02)'
  const losses = lossesAt(curves, 100_000)
  if (losses === undefined) return tooShort(claim, 100_000)
  const { none, '{1}': first, '{1,2}': layer1, match, copy, 'layer 1 + copy': both } = losses
  const holds =
    both <= 1.25 * match && Math.max(both, match) < copy && copy < layer1 && layer1 < first && first <= none + 0.02
  const shown: readonly [ConditionName, number][] = [
    ['layer 1 + copy', both],
    ['match', match],
    ['copy', copy],
    ['{1,2}', layer1],
    ['{1}', first],
    ['none', none],
  ]
  return { claim, holds, measured: shown.map(([name, loss]) => `${name} ${show(loss)}`).join(', ') }
}

function stuck(curves: Curves5b): Claim {
  const claim = 'none and {1} are still above .69 at 1e5 sequences'
  const losses = lossesAt(curves, 100_000)
  if (losses === undefined) return tooShort(claim, 100_000)
  const { none, '{1}': first } = losses
  return { claim, holds: none > 0.69 && first > 0.69, measured: `none ${show(none)}, {1} ${show(first)}` }
}

function plateaus(curves: Curves5b): Claim {
  const claim = 'only none and {1} have a plateau (5e4 sequences or more between .69 and .78)'
  const end = 200_000
  if (!reach(curves, end)) return tooShort(claim, end)
  const times = entries(curves).map(([name, points]) => ({
    name,
    time: timeBetween(points, PLATEAU.low, PLATEAU.high),
  }))
  const holds = times.every(({ name, time }) => time >= PLATEAU.length === (name === 'none' || name === '{1}'))
  return { claim, holds, measured: times.map(({ name, time }) => `${name} ${thousands(time)}`).join(', ') }
}

/**
 * How much earlier depends on seed and features. Here: 113 thousand sequences with the built-in features and seed 5; with
 * the Omniglot features 41, 62 and 120 thousand with seeds 5, 7 and 8 (others were not run to the end). The authors' own
 * code gave 90, the paper's figure shows 93. "About 1e5" is therefore taken as the order of magnitude.
 */
function earlier(curves: Curves5b): Claim {
  const claim = '{1} brings the phase change forward by about 1e5 sequences (2.5e4 to 2e5; loss below .4 ln 2)'
  const [first, none] = [learned(curves['{1}']), learned(curves.none)]
  if (none === undefined || first === undefined) return tooShort(claim, 400_000)
  const gain = none - first
  return {
    claim,
    holds: gain >= 25_000 && gain <= 200_000,
    measured: `${thousands(gain)} earlier: ${thousands(first)} instead of ${thousands(none)}`,
  }
}

function slowStart(curves: Curves5b): Claim {
  const claim =
    '{1,2} starts slowly (above 1 at 3e4 sequences, where none is below 1) and passes none only at about 5e4 (3e4 to 7e4)'
  const losses = lossesAt(curves, 30_000)
  const crossing = firstCrossing(curves['{1,2}'], curves.none)
  if (losses === undefined || (crossing === undefined && !reach(curves, 70_000))) return tooShort(claim, 70_000)
  const { '{1,2}': layer1, none } = losses
  const holds = layer1 > 1 && none < 1 && crossing !== undefined && crossing >= 30_000 && crossing <= 70_000
  const passes = crossing === undefined ? 'does not pass none' : `passes none at ${thousands(crossing)}`
  return { claim, holds, measured: `at 3e4 ${show(layer1)} against ${show(none)}, ${passes}` }
}

function layer1Solves(curves: Curves5b): Claim {
  const claim = '{1,2} has solved the task by 1.5e5 sequences (loss below .1)'
  const loss = lossAt(curves['{1,2}'], 150_000)
  if (loss === undefined) return tooShort(claim, 150_000)
  return { claim, holds: loss < 0.1, measured: show(loss) }
}

function quick(curves: Curves5b): Claim {
  const claim = 'match and layer 1 + copy are done by 5e4 sequences (loss below .4 ln 2)'
  const losses = lossesAt(curves, 50_000)
  if (losses === undefined) return tooShort(claim, 50_000)
  const { match, 'layer 1 + copy': both } = losses
  return {
    claim,
    holds: match < LEARNED && both < LEARNED,
    measured: `at 5e4 match ${show(match)}, layer 1 + copy ${show(both)}`,
  }
}

function ledge(curves: Curves5b): Claim {
  const claim = 'copy pauses shortly at ln 2 (5e3 to 5e4 sequences within .1 of it), and falls faster from there'
  const points = curves.copy
  const [enters, leaves] = [firstBelow(points, GUESS + 0.1), firstBelow(points, GUESS - 0.1)]
  const after = leaves === undefined ? undefined : lossAt(points, leaves + 10_000)
  if (enters === undefined || leaves === undefined || after === undefined) return tooShort(claim, 60_000)
  const time = leaves - enters
  const [slow, fast] = [(0.2 / time) * 10_000, GUESS - 0.1 - after]
  return {
    claim,
    holds: time >= 5_000 && time <= 50_000 && fast > slow,
    measured: `${thousands(time)}; per 1e4 sequences ${show(slow)} there, ${show(fast)} after`,
  }
}

const learned = (points: Points) => firstBelow(points, LEARNED)

function entries(curves: Curves5b): [ConditionName, Points][] {
  return Object.entries(curves) as [ConditionName, Points][]
}

function reach(curves: Curves5b, sequences: number): boolean {
  return entries(curves).every(([, points]) => (points.at(-1)?.[0] ?? 0) >= sequences)
}

function lossesAt(curves: Curves5b, sequences: number): Readonly<Record<ConditionName, number>> | undefined {
  if (!reach(curves, sequences)) return undefined
  return Object.fromEntries(entries(curves).map(([name, points]) => [name, lossAt(points, sequences)])) as Record<
    ConditionName,
    number
  >
}

function tooShort(claim: string, sequences: number): Claim {
  return { claim, holds: null, measured: `not reached: takes about ${thousands(sequences)}` }
}

function show(loss: number): string {
  return loss.toFixed(3).replace(/^0/, '')
}

function thousands(sequences: number): string {
  return `${Math.round(sequences / 1000)}k sequences`
}
