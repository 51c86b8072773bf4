import { OpsinError } from '../../core/errors.ts'
import type { SourceKind } from '../define.ts'

/** The same number everywhere. */
export interface NumberSource {
  readonly from: 'number'
  readonly value: number
}

export const numberSource: SourceKind<NumberSource> = {
  from: 'number',
  fields: ['value'],
  emit({ value }, { builder, shape, where }) {
    if (!Number.isFinite(value)) {
      throw new OpsinError('VALUE', { where, expected: 'a finite number', got: String(value) })
    }
    // JSON knows no −0: adding 0 makes a source and its JSON the same.
    return builder.op('constant', [], { shape: shape.map(() => 1), value: value + 0 })
  },
}
