// A new kind of mixer: every token gets the mean of what came before it and itself, times a trained matrix. It has a hook
// point of its own, `mean.z`, and no attention.
import { defineMixer, parameters, points } from 'opsin/extend'

export const runningMean = defineMixer('extend/running-mean', {}, () => ({
  points: (width) => ({ 'mean.z': points.perToken(width) }),
  parameters: (width) => [parameters.weight('mean.out.weight', width, width)],
  width: (width) => width,
  emit(place, x) {
    const { batch, length, width } = place
    const one = place.op('reshape', [x], { shape: [batch, length, 1, width] })
    const scores = place.op('constant', [], { shape: [batch, 1, length, length], value: 0 })
    const pattern = place.op('causal-softmax', [scores])
    const mixed = place.op('attention-mix', [pattern, one], { scale: 1, transpose: false })
    const z = place.point('mean.z', place.op('reshape', [mixed], { shape: [batch, length, width] }))
    return place.linear(z, 'mean.out')
  },
}))
