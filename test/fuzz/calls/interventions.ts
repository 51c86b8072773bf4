import * as opsin from 'opsin'
import { ablate, activation, at, clamp, copyFrom, induction, match, patch, previousToken, scale } from 'opsin'
import type { Call } from './call.ts'
import { interventions, model } from './tiny.ts'

const sites: Call[] = [
  {
    name: 'at',
    args: () => [model, 'blocks.1.attn.pattern', { head: [0], query: 'last', key: { from: 0, to: 2 } }],
    run: at,
    share: 2,
  },
  { name: 'interventionsFrom', args: () => [interventions(), []], run: opsin.interventionsFrom },
  { name: 'except', args: () => [0, 1], run: opsin.except },
  { name: 'range', args: () => [0, 2], run: opsin.range },
  { name: 'during', args: () => [0, 64], run: opsin.during },
  { name: 'duringSteps', args: () => [0, 2], run: opsin.duringSteps },
]

const options = () => ({ when: opsin.during(0, 64), phase: ['eval'], order: 1, optional: true })
const site = () => at(model, 'blocks.1.attn.scores', { head: 0 })

const makers: Call[] = [
  { name: 'ablate', args: () => [site(), options()], run: ablate },
  { name: 'clamp', args: () => [site(), 0.5, { ...options(), gradient: 'pass' }], run: clamp },
  { name: 'clamp of a tensor', args: () => [site(), { shape: [2], data: new Float32Array(2) }], run: clamp },
  { name: 'scale', args: () => [site(), 0.5, options()], run: scale },
  {
    name: 'patch',
    args: () => [site(), activation({ pass: 'clean' }), { ...options(), gradient: 'block' }],
    run: patch,
  },
  { name: 'forbid', args: () => [site(), { ...options(), edges: 'previous-token' }], run: opsin.forbid },
  { name: 'activation', args: () => [{ of: site(), pass: 'clean', shift: 1 }], run: activation },
  { name: 'copyFrom', args: () => [site()], run: copyFrom },
  { name: 'previousToken', args: () => [{ strength: 0.5 }], run: previousToken },
  { name: 'induction', args: () => [{ strength: 0.5 }], run: induction },
  { name: 'match', args: () => [{ temperature: 0.5 }], run: match },
  { name: 'hashInterventions', args: () => [interventions()], run: opsin.hashInterventions },
  {
    name: 'fromIclDynamics',
    args: () => [
      model,
      {
        ablate_heads: ['1:0'],
        ablate_embedding: false,
        induction_heads: ['1:1'],
        induction_head_strength: 0.5,
        match_heads: [],
        match_head_temperature: 0,
        prev_token_heads: ['0:0'],
        prev_token_head_strength: 1,
        prev_token_only_label: true,
        disallow_prev_token_heads: ['0:1'],
        set_head_temperature: ['1:0:0.5'],
        final_layer_silence_non_label_attn: [0],
        preserve_patterns: true,
        specific_fn: 'standard',
      },
    ],
    run: opsin.fromIclDynamics,
    share: 2,
  },
]

export const intervening = [...sites, ...makers]
