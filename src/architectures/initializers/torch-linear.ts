import { integer, optional, type Rule, readOptions } from '../../core/check.ts'
import { fansOf, type InitializerKind } from './define.ts'
import { fillUniform } from './uniform.ts'

export interface TorchLinearOptions {
  /** Default what the shape of a matrix [in, out] says; a bias has to be told. */
  readonly fanIn?: number
}

const table = { fanIn: optional(integer(1)) } satisfies Record<keyof TorchLinearOptions, Rule<any>>

/**
 * Uniform within ±1/√fan_in: how PyTorch's `nn.Linear` starts its weights, and its biases.
 *
 * @throws OpsinError `VALUE` for a fan that is no positive integer; `SHAPE` for a parameter that is no matrix, and was
 * not told its fan.
 * @example
 * import { initializers } from 'opsin'
 * const weight = initializers.torchLinear()
 * const bias = initializers.torchLinear({ fanIn: 64 })
 */
export function torchLinear(options: TorchLinearOptions = {}) {
  const { fanIn } = readOptions('torchLinear', options, table)
  return fanIn === undefined ? ({ kind: 'torch-linear' } as const) : ({ kind: 'torch-linear', fanIn } as const)
}

export const torchLinearKind: InitializerKind<TorchLinearOptions & { readonly kind: 'torch-linear' }> = {
  make: torchLinear,
  fill(values, { fanIn }, parameter) {
    const bound = 1 / Math.sqrt(fanIn ?? fansOf(parameter.shape).fanIn)
    fillUniform(values, -bound, bound, parameter)
  },
}
