import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import { showShape } from '../core/shape.ts'
import { requireTensor } from '../core/tensor.ts'
import type { InputArrays } from '../inference/inputs.ts'
import type { OnnxValue } from '../onnx/read/values.ts'

/**
 * Throws unless exactly the inputs of a file are given, each as the file declares it; an axis that is declared by a name is equally
 * long wherever the name stands.
 *
 * @throws OpsinError `NAME` for an unknown input, with the nearest; `SHAPE` for one that does not fit or is missing.
 */
export function requireDeclared(declared: readonly OnnxValue[], given: InputArrays): void {
  const names = declared.map(({ name }) => name)
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknownName('inputs', 'an input of this file', name, names)
  }
  const lengths = new Map<string, number>()
  for (const value of declared) requireFit(value, given, lengths)
}

/** @param lengths the known lengths of named axes. */
export function requireFit({ name, dims }: OnnxValue, given: InputArrays, lengths: Map<string, number>): void {
  const where = `input "${name}"`
  const wanted = dims === undefined ? 'a tensor' : `[${dims.map((n) => n ?? '?').join(', ')}]`
  if (!Object.hasOwn(given, name)) throw new OpsinError('SHAPE', { where, expected: wanted, got: 'nothing' })
  const { shape } = requireTensor(where, given[name])
  if (dims === undefined) return
  const fits = (n: number | string | null, axis: number) => {
    if (typeof n !== 'string') return n === null || n === shape[axis]
    const known = lengths.get(n) ?? shape[axis]
    lengths.set(n, known)
    return known === shape[axis]
  }
  if (dims.length === shape.length && dims.every(fits)) return
  const known = [...lengths].map(([n, length]) => `${n} ${length}`).join(', ')
  const hint = known === '' ? undefined : `Lengths so far: ${known}.`
  throw new OpsinError('SHAPE', {
    where,
    expected: wanted,
    got: showShape(shape),
    ...(hint === undefined ? {} : { hint }),
  })
}
