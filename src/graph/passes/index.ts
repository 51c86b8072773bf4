import type { Graph } from '../node.ts'
import { fuse } from './fuse.ts'
import { lastRows } from './last-rows.ts'
import { prune } from './prune.ts'
import type { Reads } from './reads.ts'
import { reassociate } from './reassociate.ts'
import { share } from './share.ts'
import { tableRows } from './table-rows.ts'
import { zeroRows } from './zero-rows.ts'

/** The passes over a forward graph, in the order in which they run. Each computes the same with less work. */
const passes = {
  prune: (graph, { values }) => prune(graph, values),
  fuse,
  share,
  'zero-rows': zeroRows,
  'table-rows': tableRows,
  'last-rows': lastRows,
  reassociate,
} as const satisfies Record<string, (graph: Graph, reads: Reads) => Graph>

export type { Reads } from './reads.ts'
export type PassName = keyof typeof passes

/**
 * The names of the passes, in the order in which they run.
 *
 * @example
 * import { attentionOnly, fewShot, passNames, train } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const task = fewShot({ classes: 20 })
 * for (const pass of passNames) await train(model, task, { sequences: 64, without: [pass] })
 */
export const passNames = Object.keys(passes) as PassName[]

/**
 * Runs the passes on a forward graph.
 *
 * @param without passes to leave out: for measuring the gain of each, and for proving that none changes a result.
 */
export function runPasses(graph: Graph, reads: Reads, without: readonly PassName[] = []): Graph {
  return passNames
    .filter((name) => !without.includes(name))
    .reduce((current, name) => passes[name](current, reads), graph)
}
