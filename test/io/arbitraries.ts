import fc from 'fast-check'
import { OpsinError } from '../../src/core/errors.ts'
import { sizeOf } from '../../src/core/shape.ts'
import { type Tensor, tensor } from '../../src/core/tensor.ts'

const kinds = [
  (n: number) => fc.float32Array({ minLength: n, maxLength: n }),
  (n: number) => fc.float64Array({ minLength: n, maxLength: n }),
  (n: number) => fc.int32Array({ minLength: n, maxLength: n }),
]

/** Small tensors of any kind and rank, empty ones too. */
export const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.array(fc.nat(3), { maxLength: 3 }), fc.constantFrom(...kinds))
  .chain(([shape, kind]) => kind(sizeOf(shape)).map((data) => tensor(shape, data)))

/** The OpsinError that `action` throws; fails on any other outcome. */
export function opsinError(action: () => unknown): OpsinError {
  try {
    action()
  } catch (error) {
    if (error instanceof OpsinError) return error
    throw new Error(`threw something else: ${error}`, { cause: error })
  }
  throw new Error('did not throw')
}

/** Whether `action` ends well; anything thrown but an OpsinError fails. */
export function endsWell(action: () => unknown): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (error instanceof OpsinError) return false
    throw new Error(`threw something else: ${error}`, { cause: error })
  }
}
