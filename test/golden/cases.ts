// Every golden run. twin.py has the same clamps under the same names, written on its own; what both sides only have to
// agree on (model, optimiser, data, what to compare) reaches it through inputs.safetensors.
import {
  ablate,
  activation,
  adam,
  at,
  clamp,
  copyFrom,
  duringSteps,
  except,
  forbid,
  type Intervention,
  induction,
  type Model,
  match,
  type Optimizer,
  patch,
  preNorm,
  previousToken,
  range,
  scale,
  sgd,
} from 'opsin'

export interface GoldenCase {
  /** Whose initial weights. */
  readonly model: keyof typeof models
  /** Whose batches. */
  readonly data: 'two-pairs' | 'four-pairs' | 'tokens'
  readonly optimizer: Optimizer
  readonly interventions: readonly Intervention[]
  /** Hook points compared on batch 0. */
  readonly points: readonly string[]
}

export const LABELS = 5
export const FEATURES = 32
export const VOCAB = 7

const sizes = { layers: 2, heads: 4, dModel: 16 } as const
const inputs = { kind: 'exemplars', features: FEATURES, labels: LABELS } as const

const paper = preNorm({ ...sizes, inputs })
const mlp = preNorm({ ...sizes, inputs, norm: 'rmsnorm', positions: 'learned', maxLength: 8, mlpRatio: 2 })
const bare = preNorm({ ...sizes, inputs, norm: 'none', positions: 'sinusoidal' })
const bidirectional = preNorm({ ...sizes, inputs, dHead: 6, positions: 'none', causal: false, eps: 1e-3 })
const language = preNorm({ ...sizes, inputs: { kind: 'tokens', vocab: VOCAB }, readout: 'all', rotaryBase: 100 })

export const models = { paper, mlp, bare, bidirectional, language } as const satisfies Record<string, Model>

const layer = (i: number) => [`blocks.${i}.attn.scores`, `blocks.${i}.attn.pattern`, `blocks.${i}.attn.z`]
const usual = [
  'blocks.1.attn.pattern',
  'blocks.1.attn.z',
  'blocks.0.resid_post',
  'grad(blocks.0.attn.z)',
  'ln_final.scale',
]

const paperRun = {
  model: 'paper',
  data: 'two-pairs',
  optimizer: adam({ lr: 2e-3 }),
  interventions: [],
  points: usual,
} as const satisfies GoldenCase

const lastRow = { head: 2, query: 'last' } as const
const pattern0 = 'blocks.0.attn.pattern'
const pattern1 = 'blocks.1.attn.pattern'
const embedding = at(paper, 'blocks.0.resid_pre')
const source = { gradient: 'source' } as const
const straight = { gradient: 'straight-through' } as const

/** Patterns of an untouched pass, while heads of the first layer are silent. */
const preserved = (gradient: 'source' | 'block'): Intervention[] => [
  patch(at(paper, pattern0), activation({ replica: 'clean' }), { gradient }),
  patch(at(paper, pattern1), activation({ replica: 'clean' }), { gradient }),
  ablate(at(paper, 'blocks.0.attn.v', { head: [1, 2] })),
]

export const cases: Readonly<Record<string, GoldenCase>> = {
  none: {
    ...paperRun,
    points: [
      'embed',
      'blocks.1.ln1.scale',
      'blocks.1.ln1.normalized',
      'blocks.0.attn.q',
      'blocks.0.attn.rot_q',
      'blocks.0.attn.rot_k',
      'blocks.0.attn.v',
      ...layer(0),
      ...layer(1),
      'blocks.1.attn_out',
      'blocks.1.resid_post',
      'ln_final.scale',
      'grad(blocks.0.attn.pattern)',
      'grad(blocks.0.resid_post)',
      'grad(logits)',
    ],
  },
  ablate: { ...paperRun, interventions: [ablate(at(paper, 'blocks.1.attn.v', { head: except(3) }))] },
  'previous-token': {
    ...paperRun,
    interventions: [clamp(at(paper, pattern0, { head: 2, query: 'labels' }), previousToken({ strength: 0.9 }))],
    points: [...layer(0), 'blocks.0.resid_post', 'grad(blocks.0.attn.scores)'],
  },
  window: {
    ...paperRun,
    interventions: [clamp(at(paper, pattern0, { head: [0, 3] }), previousToken(), { when: duringSteps(5, 12) })],
    points: [],
  },
  induction: { ...paperRun, interventions: [clamp(at(paper, pattern1, lastRow), induction({ strength: 0.8 }))] },
  'induction-four-pairs': {
    ...paperRun,
    data: 'four-pairs',
    interventions: [clamp(at(paper, pattern1, lastRow), induction({ strength: 0.8 }))],
    points: [pattern1],
  },
  match: { ...paperRun, interventions: [clamp(at(paper, pattern1, lastRow), match({ temperature: 0.1 }))] },
  forbid: {
    ...paperRun,
    interventions: [forbid(at(paper, 'blocks.0.attn.scores', { head: [0, 2] }), { edges: 'previous-token' })],
    points: [...layer(0), 'grad(blocks.0.attn.scores)'],
  },
  temperature: {
    ...paperRun,
    interventions: [
      scale(at(paper, 'blocks.1.attn.scores', { head: 3 }), 1 / 0.5),
      scale(at(paper, 'blocks.1.attn.scores', { head: 0 }), 1 / 1.7),
    ],
    points: layer(1),
  },
  copy: {
    ...paperRun,
    interventions: [patch(at(paper, 'logits'), copyFrom(at(paper, 'blocks.1.attn.scores', { head: 3 })), source)],
    points: ['blocks.1.attn.scores', 'grad(blocks.1.attn.scores)', 'grad(logits)'],
  },
  'copy-four-pairs': {
    ...paperRun,
    data: 'four-pairs',
    interventions: [patch(at(paper, 'logits'), copyFrom(at(paper, 'blocks.1.attn.scores', { head: 3 })), source)],
    points: [],
  },
  'first-layer': {
    ...paperRun,
    interventions: [
      patch(at(paper, 'blocks.0.resid_post', { replica: 'shifted' }), activation({ of: embedding }), source),
      patch(
        at(paper, 'blocks.0.resid_post', { replica: 'shifted', pos: range(1, -1) }),
        activation({ of: embedding, shift: 1 }),
        { ...source, order: 1 },
      ),
      patch(at(paper, 'blocks.0.resid_post'), activation({ of: embedding }), source),
      patch(at(paper, pattern1), activation({ replica: 'shifted' }), source),
    ],
    points: [pattern1, 'blocks.1.attn.z', 'blocks.1.resid_pre', 'grad(blocks.1.attn.pattern)'],
  },
  'preserve-source': { ...paperRun, interventions: preserved('source') },
  'preserve-block': { ...paperRun, interventions: preserved('block'), points: ['grad(blocks.0.attn.z)'] },
  'straight-through': {
    ...paperRun,
    interventions: [
      clamp(at(paper, pattern0), previousToken({ strength: 0.7 }), straight),
      clamp(at(paper, pattern1, lastRow), induction({ strength: 0.8 }), straight),
    ],
    points: [pattern0, pattern1, 'blocks.1.attn.z', 'grad(blocks.0.attn.scores)', 'grad(blocks.1.attn.scores)'],
  },
  momentum: { ...paperRun, optimizer: sgd({ lr: 0.05, momentum: 0.9 }), points: [] },
  mlp: {
    ...paperRun,
    model: 'mlp',
    points: [
      'pos_embed',
      'blocks.0.ln1.scale',
      'blocks.0.resid_mid',
      'blocks.0.ln2.normalized',
      'blocks.0.mlp.post',
      'blocks.1.mlp_out',
      'grad(blocks.0.mlp.pre)',
    ],
  },
  bare: { ...paperRun, model: 'bare', points: ['pos_embed', pattern1, 'blocks.1.resid_post'] },
  bidirectional: { ...paperRun, model: 'bidirectional', points: [...layer(0), 'grad(blocks.0.attn.v)'] },
  language: {
    ...paperRun,
    model: 'language',
    data: 'tokens',
    interventions: [ablate(at(language, 'blocks.0.attn.result', { head: 1, pos: 'last' }))],
    points: ['blocks.0.attn.rot_q', pattern1, 'blocks.0.attn_out'],
  },
}
