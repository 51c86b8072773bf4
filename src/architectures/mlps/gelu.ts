import { defineElementwiseMlp } from './mlp.ts'

/**
 * An MLP with GELU in its tanh form, as in GPT-2 [Hendrycks and Gimpel 2016, §2].
 * @example
 * import { geluMlp } from 'opsin'
 * const mlp = geluMlp({ width: 256 })
 */
export const geluMlp = defineElementwiseMlp('gelu', 'gelu')
