import { z } from 'zod'
import { requireKnownFields } from '../core/nearest.ts'
import { optimizerFrom } from '../optimizers/index.ts'
import { checkedBy } from './strict.ts'

/** Any optimiser that {@link optimizerFrom} knows, with the fields that it has itself. */
export const optimizerSchema = checkedBy(z.looseObject({ kind: z.string() }), (given) => {
  const { config } = optimizerFrom(given)
  requireKnownFields(`optimizer ${config.kind}`, 'an option', given, Object.keys(config))
})
