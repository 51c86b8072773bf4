import { defineElementwiseMlp } from './mlp.ts'

/**
 * An MLP with max(x, 0).
 * @example
 * import { reluMlp } from 'opsin'
 * const mlp = reluMlp({ width: 256, bias: false })
 */
export const reluMlp = defineElementwiseMlp('relu', 'relu')
