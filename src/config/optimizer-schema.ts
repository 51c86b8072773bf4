import { z } from 'zod'
import { optimizerFrom } from '../optimizers/index.ts'
import { checkedBy } from './strict.ts'

/** Any optimiser that {@link optimizerFrom} knows, with the fields that it has itself. */
export const optimizerSchema = checkedBy(z.looseObject({ kind: z.string() }), optimizerFrom)
