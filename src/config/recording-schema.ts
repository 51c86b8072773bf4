import { z } from 'zod'
import { optimizerSchema } from './optimizer-schema.ts'
import { strict, whole } from './strict.ts'

/** The form of `recording.json`. Option names under `opto` are the library's to check. */
export const recordingSchema = strict({
  version: z.literal(1),
  name: z.string(),
  model: strict({
    layers: whole(1),
    heads: whole(1),
    dModel: whole(1),
    dHead: whole(1),
    mlpRatio: z.number().nullable(),
    positions: z.enum(['rotary', 'learned', 'sinusoidal', 'none']),
    rotaryBase: z.number(),
    norm: z.literal('layernorm').nullable(),
    eps: z.number(),
    causal: z.boolean(),
    features: whole(1),
    labels: whole(1),
  }),
  optimizer: optimizerSchema,
  batch: whole(1),
  pairs: whole(1),
  features: z.string(),
  exemplar: whole(0),
  init: z.string(),
  batches: z.string(),
  opto: z.record(z.string(), z.unknown()),
  steps: strict({ f32: whole(1), f64: whole(1) }),
})
