import { defineElementwiseMlp } from './mlp.ts'

/**
 * An MLP with the exact GELU, x Φ(x), as in GPT-NeoX [Hendrycks and Gimpel 2016].
 * @example
 * import { exactGeluMlp } from 'opsin'
 * const mlp = exactGeluMlp({ width: 256 })
 */
export const exactGeluMlp = defineElementwiseMlp('gelu-exact', 'gelu-exact')
