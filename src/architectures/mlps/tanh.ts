import { defineElementwiseMlp } from './mlp.ts'

/**
 * An MLP with tanh.
 * @example
 * import { tanhMlp } from 'opsin'
 * const mlp = tanhMlp({ width: 256 })
 */
export const tanhMlp = defineElementwiseMlp('tanh', 'tanh')
