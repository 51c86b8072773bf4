import { preNormRules } from '../architectures/presets/pre-norm-options.ts'
import { count, finite, flag, form, integer, oneOf, orNull, type Rule, text } from '../core/check.ts'
import { object } from '../core/fields.ts'
import { anOptimizerConfig } from '../optimizers/from-config.ts'
import type { RecordingHeader } from '../reproduce/recording.ts'

const amount = count(Number.MAX_SAFE_INTEGER)

/** The form of `recording.json`. Option names under `opto` are the library's to check. */
export const aRecording: Rule<RecordingHeader> = form({
  version: oneOf(1),
  name: text,
  model: form({
    layers: amount,
    heads: amount,
    dModel: amount,
    dHead: amount,
    mlpRatio: orNull(finite),
    positions: preNormRules.positions,
    rotaryBase: finite,
    norm: orNull(oneOf('layernorm')),
    eps: finite,
    causal: flag,
    features: amount,
    labels: amount,
  }),
  optimizer: anOptimizerConfig,
  batch: amount,
  pairs: amount,
  features: text,
  exemplar: integer(0, Number.MAX_SAFE_INTEGER),
  init: text,
  batches: text,
  opto: object,
  steps: form({ f32: amount, f64: amount }),
}) as Rule<any>
