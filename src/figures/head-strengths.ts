import { integer, optional, readOptions, requireObject, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { requireRecords } from '../train/checkpoint-header.ts'
import type { TrainingRun } from '../train/run.ts'
import { pixels, title } from './options.ts'
import { colours, figure, type Spec, sequencesAxis } from './spec.ts'

export interface HeadStrengthsOptions {
  readonly title?: string
  /** The layer whose heads are shown; default the first that the run has strengths of. */
  readonly layer?: number
  /** An evaluation set's name; default all that the run has, a line each. */
  readonly set?: string
  readonly width?: number
  readonly height?: number
}

const table = {
  title,
  layer: optional(integer(0)),
  set: optional(text),
  width: pixels(480),
  height: pixels(300),
}

const PROBE = 'induction-strength.'

/**
 * How strong an induction head each head of a layer is over training, as a vega-lite specification; from a run with the
 * probe `inductionStrength`. [Singh et al. 2024, figure 3b]
 *
 * @throws OpsinError `NAME` for a run without such a probe, and for a set or an option that is not there.
 * @example
 * import { attentionOnly, fewShot, inductionStrength, train } from 'opsin'
 * import { headStrengths } from 'opsin/figures'
 * const model = attentionOnly({ layers: 2, heads: 2, dModel: 8 })
 * const probes = [inductionStrength({ layer: 1 })]
 * const run = await train(model, fewShot({ classes: 20, labels: 5 }), { sequences: 320, probes })
 * console.assert(JSON.stringify(headStrengths(run)).includes('induction strength'))
 */
export function headStrengths(run: Pick<TrainingRun, 'records'>, options: HeadStrengthsOptions = {}): Spec {
  const { title, layer, set: wanted, width, height } = readOptions('headStrengths', options, table)
  const { records } = requireObject('headStrengths', run, 'a run, or what has its records')
  requireRecords(records, 'headStrengths')
  const probe = probeOf(records, layer)
  const all = records.flatMap(({ sequences, set, values }) => {
    const strengths = values[probe]
    if (!Array.isArray(strengths)) return []
    return strengths.map((strength: number, head) => ({ head: String(head), set, sequences, strength }))
  })
  const measured = [...new Set(all.map(({ set }) => set))]
  const sets = wanted === undefined ? measured : [wanted]
  for (const set of sets) {
    if (!measured.includes(set)) throw unknownName('headStrengths: set', 'an evaluation set', set, measured)
  }
  const rows = all.filter(({ set }) => sets.includes(set))
  const heads = [...new Set(rows.map(({ head }) => head))]
  return figure(title, {
    width,
    height,
    data: { values: rows },
    mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round' },
    encoding: {
      x: { field: 'sequences', type: 'quantitative', scale: { nice: false }, ...sequencesAxis },
      y: {
        field: 'strength',
        type: 'quantitative',
        title: `induction strength, layer ${probe.slice(PROBE.length)}`,
        axis: { tickCount: 6, domain: false, ticks: false },
      },
      color: {
        field: 'head',
        type: 'nominal',
        scale: { domain: heads, range: colours(heads.length) },
        legend: { title: 'head', symbolType: 'stroke' },
      },
      ...(sets.length === 1 ? {} : { strokeDash: bySet(sets) }),
    },
  })
}

/** Heads have colours, so sets have dashes: solid, then shorter and shorter ones, then again. */
function bySet(sets: readonly string[]): Spec {
  const dashes = [
    [1, 0],
    [8, 3],
    [4, 3],
    [1, 3],
  ]
  const range = sets.map((_, i) => dashes[i % dashes.length])
  return {
    field: 'set',
    type: 'nominal',
    scale: { domain: sets, range },
    legend: { title: 'set', symbolType: 'stroke', symbolSize: 700 },
  }
}

function probeOf(records: TrainingRun['records'], layer: number | undefined): string {
  const names = [...new Set(records.flatMap(({ values }) => Object.keys(values)))]
  const found = names.find((name) => (layer === undefined ? name.startsWith(PROBE) : name === `${PROBE}${layer}`))
  if (found !== undefined) return found
  throw new OpsinError('NAME', {
    where: 'headStrengths',
    expected: `a run with the probe inductionStrength({ layer: ${layer ?? 1} })`,
    got: `one with ${names.join(', ') || 'no probes'}`,
  })
}
