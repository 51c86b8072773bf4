// A new source of values: a wave along the positions, to be clamped onto a residual stream.
import { defineSource, rules } from 'opsin/extend'

export const wave = defineSource({
  from: 'extend/wave',
  fields: { period: rules.positive },
  emit({ period }, { builder, shape }) {
    const [, length, ...rest] = shape
    const value = Array.from({ length }, (_, pos) => Math.sin((2 * Math.PI * pos) / period))
    return { node: builder.op('constant', [], { shape: [1, length, ...rest.map(() => 1)], value }) }
  },
})
