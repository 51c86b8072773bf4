import { count } from '../../core/check.ts'
import { requireBelow, requireInput } from '../given-inputs.ts'
import { bias, embedding, weight } from '../parameters.ts'
import { defineInputs, need, needWidth } from './input.ts'

/**
 * Exemplars (feature vectors) and their labels take turns, and a query exemplar ends the sequence: exemplar 1, label 1, …,
 * exemplar P, label P, query. `features` [rows, features] is a table, `exemplars` int [batch, pairs + 1] says which of its
 * rows, `labels` int [batch, pairs]. [Singh et al. 2024]
 * @example
 * import { exemplarInputs } from 'opsin'
 * const inputs = exemplarInputs({ features: 512, labels: 5 })
 */
export const exemplarInputs = defineInputs(
  'exemplars',
  { features: count(2 ** 20), labels: count(2 ** 24) },
  ({ features, labels: labelCount }) => ({
    points: () => ({}),
    parameters(dModel) {
      const width = needWidth('exemplars', dModel)
      return [
        weight('embed.exemplar.weight', features, width),
        bias('embed.exemplar.bias', width),
        embedding('embed.label.weight', labelCount, width),
      ]
    },
    width: (dModel) => needWidth('exemplars', dModel),
    sizes(given) {
      const table = requireInput(given, 'features', [null, features])
      const labels = requireInput(given, 'labels', [null, null])
      const [batch, pairs] = labels.shape
      const [rows] = table.shape
      requireBelow('labels', labels, labelCount)
      requireBelow('exemplars', requireInput(given, 'exemplars', [batch, pairs + 1]), rows)
      return { batch, pairs, rows }
    },
    length: (sizes) => 2 * need(sizes, 'pairs') + 1,
    positions(sizes) {
      const pairs = need(sizes, 'pairs')
      const each = Array.from({ length: pairs }, (_, pair) => pair)
      return {
        last: [2 * pairs],
        query: [2 * pairs],
        exemplars: [...each.map((pair) => 2 * pair), 2 * pairs],
        labels: each.map((pair) => 2 * pair + 1),
      }
    },
    vocab: labelCount,
    emit(place) {
      const { batch, sizes } = place
      const [pairs, rows] = [need(sizes, 'pairs'), need(sizes, 'rows')]
      const table = place.input('features', [rows, features], 'table')
      const ids = place.input('exemplars', [batch, pairs + 1], 'batch', 'int')
      const labels = place.input('labels', [batch, pairs], 'batch', 'int')
      const exemplar = place.linear(place.op('gather', [table, ids]), 'embed.exemplar', true)
      const label = place.op('gather', [place.parameter('embed.label.weight'), labels])
      return place.op('interleave', [exemplar, label])
    },
  }),
  (draw) => ({ features: draw.size(5), labels: draw.int(2, 5) }),
)
