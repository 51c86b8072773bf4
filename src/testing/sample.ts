import {
  seed as aSeed,
  check,
  flag,
  integer,
  type OptionTable,
  oneOf,
  optional,
  type Rule,
  readOptions,
} from '../core/check.ts'
import { type FloatArray, floatArray, type NumberArray, type Precision } from '../core/dtype.ts'
import { list } from '../core/fields.ts'
import { philox } from '../core/rng.ts'
import { isShape, requireRoom, type Shape, sizeOf } from '../core/shape.ts'
import type { Draw, SampleInput, ValueType } from '../ops/define.ts'

/** Keeps what tests draw apart from every stream that runs use. */
const TESTING = 0xffffffff

/** Tensor numbers of this file's draws; inputs of a sample take 1, 2, … */
const CHOICES = 0

/**
 * Random choices, all decided by the seed. One size in four is 1, so that edges are met often.
 *
 * @throws OpsinError `VALUE` for a value that is no seed.
 * @example
 * import { drawFrom } from 'opsin/testing'
 * const draw = drawFrom(7)
 * const shape = [draw.size(), draw.size(4)]
 * const norm = draw.pick(['layernorm', 'rmsnorm'])
 */
export function drawFrom(seed: number): Draw {
  const random = philox(check('drawFrom: seed', seed, aSeed), TESTING)
  let count = 0
  const uniform = () => random.uniform(0, CHOICES, count++)
  const int = (min: number, max: number) => min + Math.floor(uniform() * (max - min + 1))
  return {
    int,
    size: (max = 9) => (uniform() < 0.25 ? 1 : int(1, max)),
    number: (min, max) => min + uniform() * (max - min),
    pick: (options) => options[int(0, options.length - 1)],
  }
}

/** A value with its type. */
export interface SampleValue {
  readonly type: ValueType
  readonly data: NumberArray
}

/**
 * Random values for the inputs of a sample. Floats are rounded to 32 bits whatever the precision, so engines of
 * different precision can be given exactly the same numbers.
 *
 * @example
 * import { sampleValues } from 'opsin/testing'
 * const [query, ids] = sampleValues([{ shape: [2, 3] }, { shape: [2], below: 50 }], 7, 'f64')
 * console.assert(query.data.length === 6 && ids.data[1] < 50)
 */
export function sampleValues(inputs: readonly SampleInput[], seed: number, precision: Precision): SampleValue[] {
  requireSamples(inputs, seed, precision)
  return inputs.map((input, i) => {
    if ('below' in input) return { type: { shape: input.shape, dtype: 'int' }, data: integers(input, seed, i + 1) }
    const data = floatArray(precision, sizeOf(input.shape))
    fillFloats(data, input, seed, i + 1)
    return { type: { shape: input.shape, dtype: 'float' }, data }
  })
}

const aShape: Rule<Shape> = { expected: 'a list of sizes', code: 'SHAPE', fits: isShape }
const anInteger = integer(-(2 ** 31), 2 ** 31 - 1)
const intOptions = {
  shape: aShape,
  below: integer(-(2 ** 31), 2 ** 31),
  from: optional(anInteger),
  distinct: optional(flag),
} satisfies OptionTable

const floatOptions = {
  shape: aShape,
  positive: optional(flag),
  binary: optional(flag),
} satisfies OptionTable

function requireSamples(inputs: readonly SampleInput[], seed: number, precision: Precision): void {
  check('sampleValues: inputs', inputs, list)
  check('sampleValues: seed', seed, aSeed)
  check('sampleValues: precision', precision, oneOf('f32', 'f64'))
  const shapes = Array.from(inputs, (input, i): Shape => {
    const where = `sampleValues: inputs[${i}]`
    if (typeof input !== 'object' || input === null || !('below' in input))
      return readOptions(where, input, floatOptions).shape
    const { from = 0, shape, below, distinct } = readOptions(where, input, intOptions)
    const least = from + (distinct ? Math.max(1, sizeOf(shape)) : 1)
    check(`${where}.below`, below, integer(least, 2 ** 31))
    return shape
  })
  requireRoom('sampleValues', shapes)
}

type FloatInput = Exclude<SampleInput, { readonly below: number }>
type IntInput = Extract<SampleInput, { readonly below: number }>

function fillFloats(out: FloatArray, { positive, binary }: FloatInput, seed: number, tensor: number): void {
  const random = philox(seed, TESTING)
  for (let i = 0; i < out.length; i++) {
    if (binary) out[i] = random.below(2, 1, tensor, i)
    else out[i] = Math.fround(positive ? 0.5 + random.uniform(1, tensor, i) : random.normal(1, tensor, i))
  }
}

function integers({ shape, below, from = 0, distinct }: IntInput, seed: number, tensor: number): Int32Array {
  const random = philox(seed, TESTING)
  const length = sizeOf(shape)
  if (distinct) {
    return random
      .permutation(below - from, 1, tensor)
      .slice(0, length)
      .map((i) => from + i)
  }
  return Int32Array.from({ length }, (_, i) => from + random.below(below - from, 1, tensor, i))
}
