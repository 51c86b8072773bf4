import { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { strict } from './strict.ts'

/**
 * The form of interventions: which keys there are. A key that nobody reads would be a clamp that silently does less than it
 * says. What the values mean is checked by the library, against the model.
 */
const site = strict({
  point: z.string(),
  pass: z.string().optional(),
  select: z.record(z.string(), z.unknown()).optional(),
})

const common = {
  version: z.literal(1),
  at: site,
  when: strict({ unit: z.enum(['sequences', 'steps']), from: z.number(), to: z.number().optional() }).optional(),
  phase: z.array(z.enum(['train', 'eval'])).optional(),
  order: z.number().optional(),
  optional: z.boolean().optional(),
}

const constant = byName('from', {
  number: { value: z.number() },
  array: { shape: z.array(z.number()), values: z.array(z.number()) },
  'previous-token': { strength: z.number() },
  induction: { strength: z.number() },
  match: { temperature: z.number() },
})

const live = byName('from', {
  activation: { point: z.string().optional(), pass: z.string().optional(), positions: z.array(z.number()).optional() },
  copy: { scores: site },
})

export const interventionSchema = byName('kind', {
  ablate: common,
  clamp: { ...common, source: constant, gradient: z.enum(['block', 'pass']) },
  forbid: { ...common, edges: z.literal('previous-token').optional() },
  patch: { ...common, source: live, gradient: z.enum(['block', 'pass', 'source']) },
  scale: { ...common, factor: z.number() },
})

/** One of several objects, told apart by a name in the field `key`; a wrong name is told the nearest right ones. */
function byName(key: string, shapes: Readonly<Record<string, z.ZodRawShape>>) {
  const options = Object.entries(shapes).map(([name, shape]) => strict({ [key]: z.literal(name), ...shape }))
  const names = Object.keys(shapes)
  return z.discriminatedUnion(key, options as unknown as [(typeof options)[0]], {
    error: (issue) => {
      const name = (issue.input as Record<string, unknown> | undefined)?.[key]
      if (typeof name !== 'string') return `an object with "${key}": one of ${names.join(', ')}`
      return `"${key}" to be one of ${names.join(', ')}; nearest: ${nearest(name, names)[0]}`
    },
  })
}
