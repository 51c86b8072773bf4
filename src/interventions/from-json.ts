import { check, requireRecord } from '../core/check.ts'
import { list as aList } from '../core/fields.ts'
import { requireInterventions } from './check.ts'
import type { Intervention } from './kinds/index.ts'
import { withKind } from './sources/custom.ts'
import type { KnownSource } from './sources/define.ts'

/**
 * Interventions from their JSON, with the kinds of the sources that are not of the house given back to them.
 *
 * @param sources results of `defineSource`.
 * @throws OpsinError for a value that is no list of interventions, and `NAME` for a source whose kind is not among them.
 * @example
 * import { ablate, at, attentionOnly, interventionsFrom } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const text = JSON.stringify([ablate(at(model, 'blocks.0.attn.z', { head: 1 }))])
 * console.assert(interventionsFrom(JSON.parse(text)).length === 1)
 */
export function interventionsFrom(
  list: readonly Intervention[],
  sources: readonly { readonly kind: KnownSource }[] = [],
): Intervention[] {
  check('interventionsFrom', list, { ...aList, expected: 'a list of interventions' })
  const kinds = new Map(sources.map(({ kind }) => [kind.from, kind]))
  const whole = Array.from(list, (one) => {
    if (typeof one !== 'object' || one === null || !('source' in one)) return one
    const { from } = requireRecord('interventionsFrom', one.source, 'a source {"from": …}') as { from: string }
    const kind = kinds.get(from)
    return kind === undefined ? one : ({ ...one, source: withKind(one.source, kind) } as Intervention)
  })
  requireInterventions(whole)
  return whole
}
