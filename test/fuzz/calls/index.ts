import type { Call } from './call.ts'
import { beside } from './files.ts'
import { intervening } from './interventions.ts'
import { models } from './models.ts'
import { onnx } from './onnx.ts'
import { optimizers } from './optimizers.ts'
import { parts } from './parts.ts'
import { runs } from './runs.ts'
import { probes, tasks } from './tasks.ts'

export type { Call } from './call.ts'

export const calls: readonly Call[] = [
  ...models,
  ...parts,
  ...intervening,
  ...tasks,
  ...probes,
  ...optimizers,
  ...runs,
  ...onnx,
  ...beside,
]
