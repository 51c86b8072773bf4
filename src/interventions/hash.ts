import { stableHash } from '../core/canonical.ts'
import { requireInterventions } from './check.ts'
import type { Intervention } from './kinds/index.ts'

/**
 * SHA-256 of a list of interventions in canonical JSON, as 64 hex digits: the same on every platform, whatever the order
 * of keys. Checkpoints and log lines carry it, so that a number can be traced to the clamps it was measured under.
 *
 * @throws OpsinError for a value that is no list of interventions.
 * @example
 * import { ablate, at, attentionOnly, hashInterventions } from 'opsin'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * const list = [ablate(at(model, 'blocks.0.attn.v', { head: 2 }))]
 * console.assert(hashInterventions(list) === hashInterventions(JSON.parse(JSON.stringify(list))))
 */
export function hashInterventions(list: readonly Intervention[]): string {
  requireInterventions(list)
  return stableHash(list)
}
