import { affineKernels } from './affine.ts'
import { attentionKernels } from './attention.ts'
import { broadcastKernels } from './broadcast.ts'
import { clipFactorKernels } from './clip-factor.ts'
import { concatKernels } from './concat.ts'
import { copyLogitsKernels } from './copy-logits.ts'
import { elementwiseKernels } from './elementwise.ts'
import { gatherKernels } from './gather.ts'
import { headLinearKernels } from './head-linear.ts'
import { headResultKernels } from './head-result.ts'
import { interleaveKernels } from './interleave.ts'
import type { Kernels } from './kernel.ts'
import { linearKernels } from './linear.ts'
import { multiplyKernels } from './multiply.ts'
import { normScaleKernels } from './norm-scale.ts'
import { normalizeKernels } from './normalize.ts'
import { optimizerKernels } from './optimizer.ts'
import { overwriteKernels } from './overwrite.ts'
import { reduceSumKernels } from './reduce-sum.ts'
import { rotaryKernels } from './rotary.ts'
import { rowLossKernels } from './row-loss.ts'
import { softmaxKernels } from './softmax.ts'
import { takeKernels } from './take.ts'

/** The ops that have a kernel. An op that is not here runs its own `forward` over the same memory: right, but slow. */
export const kernels: Kernels = {
  ...affineKernels,
  ...attentionKernels,
  ...broadcastKernels,
  ...clipFactorKernels,
  ...concatKernels,
  ...copyLogitsKernels,
  ...elementwiseKernels,
  ...gatherKernels,
  ...headLinearKernels,
  ...headResultKernels,
  ...interleaveKernels,
  ...linearKernels,
  ...multiplyKernels,
  ...normScaleKernels,
  ...normalizeKernels,
  ...optimizerKernels,
  ...overwriteKernels,
  ...reduceSumKernels,
  ...rotaryKernels,
  ...rowLossKernels,
  ...softmaxKernels,
  ...takeKernels,
}
