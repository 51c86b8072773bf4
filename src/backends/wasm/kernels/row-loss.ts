import { rowsAndWidth } from '../../../core/shape.ts'
import type { KernelExports } from '../generated/kernels.ts'
import type { Kernel } from './kernel.ts'

/** The exports that are the weighted mean of a loss of rows, and their gradients. */
type LossName = 'crossEntropy' | 'softCrossEntropy' | 'squaredError' | 'binaryCrossEntropy'

/** Of x, targets and perhaps weights. */
function loss(name: LossName): Kernel {
  return {
    bind(exports, { out, inputs: [x, targets, weights = 0] }, { inputs: [from] }) {
      const [compute, [rows, width]] = [exports[name], rowsAndWidth(from)]
      return () => compute(out, x, targets, weights, rows, width)
    },
  }
}

/** Of g, x, targets and perhaps weights. */
function lossVjp(name: LossName): Kernel {
  return {
    bind(exports, { out, inputs: [g, x, targets, weights = 0] }, { shape }) {
      return slopes(exports, name, out, [g, x, targets, weights], rowsAndWidth(shape))
    },
  }
}

/** The op that has no weights has its inputs in another order. */
const crossEntropyVjp: Kernel = {
  bind(exports, { out, inputs: [x, targets, g] }, { shape }) {
    return slopes(exports, 'crossEntropy', out, [g, x, targets, 0], rowsAndWidth(shape))
  },
}

function slopes(
  exports: KernelExports,
  name: LossName,
  out: number,
  [g, x, targets, weights]: readonly [number, number, number, number],
  [rows, width]: readonly [number, number],
): () => void {
  const compute = exports[`${name}Vjp`]
  return () => compute(out, g, x, targets, weights, rows, width)
}

export const rowLossKernels = {
  'cross-entropy': loss('crossEntropy'),
  'cross-entropy.vjp': crossEntropyVjp,
  'weighted-cross-entropy': loss('crossEntropy'),
  'weighted-cross-entropy.vjp': lossVjp('crossEntropy'),
  'soft-cross-entropy': loss('softCrossEntropy'),
  'soft-cross-entropy.vjp': lossVjp('softCrossEntropy'),
  'squared-error': loss('squaredError'),
  'squared-error.vjp': lossVjp('squaredError'),
  'binary-cross-entropy': loss('binaryCrossEntropy'),
  'binary-cross-entropy.vjp': lossVjp('binaryCrossEntropy'),
}
