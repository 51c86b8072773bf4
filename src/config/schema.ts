import { z } from 'zod'
import { engineRequests } from '../backends/index.ts'
import type { Intervention } from '../interventions/index.ts'
import { namedProbes, type ProbeName } from '../probes/table.ts'
import { modelSchema } from './model-schema.ts'
import { orModule } from './module-schema.ts'
import { optimizerSchema } from './optimizer-schema.ts'
import { fieldsOf } from './rule-schema.ts'
import { strict, whole } from './strict.ts'
import { taskSchema } from './task-schema.ts'

/** What an intervention may say is the library's to check, against the model: `checkInterventions`. */
const intervention = z.custom<Intervention>((value) => typeof value === 'object' && value !== null, 'an intervention')

const probeNames = Object.keys(namedProbes) as ProbeName[]
const probeForms = probeNames.map((name) => strict({ kind: z.literal(name), ...fieldsOf(namedProbes[name].rules) }))
const probe = z.discriminatedUnion('kind', probeForms as unknown as [(typeof probeForms)[number]]) as z.ZodType<{
  readonly kind: ProbeName
  readonly every?: number
  readonly layer?: number
}>

const evaluation = strict({
  name: z.string().optional(),
  evaluator: z.string(),
  count: whole(1).optional(),
  interventions: z.array(intervention).optional(),
})

/** The form of a configuration of `opsin train`. */
export const runSchema = strict({
  /** For editors. */
  $schema: z.string().optional(),
  model: orModule(modelSchema),
  task: taskSchema.optional(),
  sequences: whole(1),
  batch: whole(1).optional(),
  seed: whole(0).optional(),
  engine: z.enum(engineRequests).optional(),
  optimizer: orModule(optimizerSchema).optional(),
  interventions: z.array(intervention).optional(),
  /** Modules whose exports are kinds of sources that interventions name. */
  sources: z.array(z.string()).optional(),
  /** Options of the authors' code, by their names; added to `interventions`. */
  iclDynamics: z.record(z.string(), z.unknown()).optional(),
  probes: z.array(orModule(probe)).min(1).optional(),
  evaluations: z.array(evaluation).min(1).optional(),
  evaluateAt: z.union([whole(1), z.array(whole(0))]).optional(),
  checkpointEvery: whole(1).optional(),
})

/** A configuration of `opsin train`. */
export type RunConfig = z.output<typeof runSchema>
