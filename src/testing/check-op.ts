import { check, count, optional, readOptions, text } from '../core/check.ts'
import { floatArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { aFunction, object, requireFields } from '../core/fields.ts'
import { sizeOf } from '../core/shape.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { OpDef } from '../ops/define.ts'
import { checkGradient } from './grad-check.ts'
import { drawFrom, sampleValues } from './sample.ts'

const table = {
  /** How many samples; default 25. */
  samples: optional(count(10_000), 25),
}

/**
 * The tests that every op of the house passes, on random samples of one from outside: it assigns every element of its output,
 * its attributes are plain JSON, its gradient is what finite differences find.
 *
 * @throws OpsinError `VALUE` or `GRADIENT`, with the number of the sample.
 * @example
 * import { elementwise } from 'opsin/extend'
 * import { checkOp } from 'opsin/testing'
 * const [cube] = elementwise('me/cube', {
 *   formula: 'y = x³',
 *   value: (x) => x ** 3,
 *   slopeFormula: 'dx = 3 g x²',
 *   slope: (x) => 3 * x ** 2,
 *   onnx: (x, { node }) => node('Mul', [x, node('Mul', [x, x])]),
 *   onnxSlope: (x, { node, floats }) => node('Mul', [floats([3], []), node('Mul', [x, x])]),
 * })
 * checkOp(cube)
 */
export function checkOp(op: OpDef, options: { readonly samples?: number } = {}): void {
  check('checkOp', op, { ...object, expected: 'an op, as defineOp makes it' })
  requireFields('checkOp', op, { name: text, infer: aFunction, forward: aFunction, sample: aFunction })
  const { samples } = readOptions('checkOp', options, table)
  for (let seed = 0; seed < samples; seed++) {
    const where = `checkOp: ${op.name}, sample ${seed}`
    const { inputs, attrs } = op.sample(drawFrom(seed))
    requireJson(where, attrs)
    const values = sampleValues(inputs, seed, 'f64')
    const types = values.map(({ type }) => type)
    const { shape, dtype } = op.infer(types, attrs)
    const out =
      dtype === 'int' ? new Int32Array(sizeOf(shape)).fill(UNTOUCHED) : floatArray('f64', sizeOf(shape)).fill(NaN)
    const call = { attrs, inputs: types.map((type) => type.shape), shape }
    op.forward(
      out,
      values.map(({ data }) => data),
      call,
    )
    const missed = Array.from(out).findIndex((value) => Number.isNaN(value) || value === UNTOUCHED)
    if (missed >= 0) {
      throw new OpsinError('VALUE', {
        where,
        expected: 'a forward that assigns every element',
        got: `none at ${missed}`,
      })
    }
    if (op.vjp !== 'none' && dtype === 'float') checkVjp(op, attrs, values, seed)
  }
}

const UNTOUCHED = -0x7fffffff

function requireJson(where: string, attrs: unknown): void {
  const again = JSON.stringify(JSON.parse(JSON.stringify(attrs)))
  if (again === JSON.stringify(attrs)) return
  throw new OpsinError('VALUE', { where, expected: 'attributes that are plain JSON', got: again })
}

/** Inputs whose gradient the rule blocks stay what they are. */
function checkVjp(op: OpDef, attrs: object, values: ReturnType<typeof sampleValues>, seed: number): void {
  const build = (blocked: ReadonlySet<number>) => (builder: GraphBuilder) => {
    const inputs = values.map(({ type }, i) =>
      builder.input(`x${i}`, type.shape, type.dtype === 'int' || blocked.has(i) ? 'batch' : 'parameter', type.dtype),
    )
    return builder.op(op, inputs, attrs)
  }
  const given = Object.fromEntries(values.map(({ data }, i) => [`x${i}`, data]))
  checkGradient(build(blockedInputs(op, attrs, values)), { seed, values: given })
}

function blockedInputs(op: OpDef, attrs: object, values: ReturnType<typeof sampleValues>): ReadonlySet<number> {
  const { vjp } = op
  if (vjp === 'none') return new Set()
  const shapes = values.map(({ type }) => type.shape)
  const refs = shapes.map((_, i) => i)
  const context = {
    attrs,
    inputs: refs,
    output: refs.length,
    gradient: refs.length + 1,
    shapeOf: (ref: number) =>
      shapes[ref] ??
      op.infer(
        values.map(({ type }) => type),
        attrs,
      ).shape,
    emit: () => refs.length + 2,
  }
  return new Set(refs.filter((i) => values[i].type.dtype === 'float' && vjp(context, i) === 'blocked'))
}
