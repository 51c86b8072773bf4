import { finite } from '../../core/check.ts'
import { knownSource } from './define.ts'

/** The same number everywhere. */
export interface NumberSource {
  readonly from: 'number'
  readonly value: number
}

export const numberSource = knownSource<NumberSource>({
  from: 'number',
  fields: { value: finite },
  emit({ value }, { builder, shape, hidden }) {
    // JSON knows no −0: adding 0 makes a source and its JSON the same.
    const node = builder.op('constant', [], { shape: shape.map(() => 1), value: value + 0 })
    return { node, causal: value === hidden }
  },
})
