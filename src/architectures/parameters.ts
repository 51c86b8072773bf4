import type { ParameterSpec } from './define.ts'
import { leCunNormal, ones, zeros } from './initializers/index.ts'

// The parameters that many parts have. Weights are [in, out].

/** A matrix, LeCun-normal. */
export function weight(name: string, nIn: number, nOut: number): ParameterSpec {
  return { name, shape: [nIn, nOut], initializer: leCunNormal(nIn) }
}

/** A bias, zero. */
export function bias(name: string, size: number): ParameterSpec {
  return { name, shape: [size], initializer: zeros }
}

/** A gain per feature, one. */
export function gain(name: string, size: number): ParameterSpec {
  return { name, shape: [size], initializer: ones }
}

/** A table of embeddings, [rows, width]. */
export function embedding(name: string, rows: number, width: number): ParameterSpec {
  return { name, shape: [rows, width], initializer: { kind: 'truncated-normal', deviation: 0.02 } }
}

/**
 * Parameters for the parts that declare them: `weight(name, nIn, nOut)`, `bias(name, size)`, `gain(name, size)`,
 * `embedding(name, rows, width)`, each with its usual start.
 *
 * @example
 * import { parameters } from 'opsin/extend'
 * console.assert(parameters.weight('mix.weight', 4, 8).shape.join() === '4,8')
 */
export const parameters = { weight, bias, gain, embedding } as const
