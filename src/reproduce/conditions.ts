import type { IclDynamicsOptions } from '../interventions/from-icl-dynamics.ts'

/** Only head 3 of the second layer is left, so that one induction head has to form. */
const onlyHead3 = ['1:0', '1:1', '1:2', '1:4', '1:5', '1:6', '1:7']

/** The clamp conditions of figure 5b in the authors' own options. Heads are `layer:head`, counted from 0. */
const conditions = {
  none: { ablate_heads: onlyHead3 },
  '{1}': { prev_token_heads: ['0:2'], ablate_heads: onlyHead3 },
  '{1,2}': { specific_fn: 'perfect_prev_token_input', ablate_heads: onlyHead3 },
  match: { induction_heads: ['1:3'], ablate_heads: onlyHead3 },
  // What copies is a head's pattern itself, so the others do not have to be silenced.
  copy: { perfect_copy_from_head_pattern: '1:3' },
  'layer 1 + copy': { specific_fn: 'perfect_prev_token_input', perfect_copy_from_head_pattern: '1:3' },
} as const satisfies Record<string, IclDynamicsOptions>

/** A clamp condition of figure 5b. */
export type ConditionName = keyof typeof conditions

/**
 * The six clamp conditions of figure 5b, in the order of its legend, as options for {@link fromIclDynamics}. Numbers name
 * the steps of an induction head that are perfect from the start: 1 attend to the previous token, 2 copy what it holds.
 * [Singh et al. 2024]
 *
 * @example
 * import { attentionOnly, fromIclDynamics } from 'opsin'
 * import { conditions5b } from 'opsin/reproduce'
 * const model = attentionOnly({ layers: 2, heads: 8, dModel: 64 })
 * console.assert(fromIclDynamics(model, conditions5b['{1}']).length === 2)
 */
export const conditions5b: Readonly<Record<ConditionName, IclDynamicsOptions>> = conditions

/** Their names in the figure's order. */
export const conditionNames = Object.keys(conditions) as ConditionName[]
