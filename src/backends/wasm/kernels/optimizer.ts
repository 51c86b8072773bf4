import { sizeOf } from '../../../core/shape.ts'
import type { Kernel } from './kernel.ts'

interface DecayAttrs {
  readonly decay: number
}

const ema: Kernel<DecayAttrs> = {
  bind({ ema }, { out, inputs: [m, g] }, { attrs: { decay }, shape }) {
    const n = sizeOf(shape)
    return () => ema(out, m, g, n, decay, 1 - decay)
  },
}

const emaSquare: Kernel<DecayAttrs> = {
  bind({ emaSquare }, { out, inputs: [v, g] }, { attrs: { decay }, shape }) {
    const n = sizeOf(shape)
    return () => emaSquare(out, v, g, n, decay, 1 - decay)
  },
}

const adam: Kernel<{ readonly eps: number }> = {
  bind({ adam }, { out, inputs: [p, m, v, rates] }, { attrs: { eps }, shape }) {
    const n = sizeOf(shape)
    return () => adam(out, p, m, v, rates, n, eps)
  },
}

const sgd: Kernel = {
  bind({ sgd }, { out, inputs: [p, g, rates] }, { shape }) {
    const n = sizeOf(shape)
    return () => sgd(out, p, g, rates, n)
  },
}

const momentum: Kernel<DecayAttrs> = {
  bind({ momentum }, { out, inputs: [u, g] }, { attrs: { decay }, shape }) {
    const n = sizeOf(shape)
    return () => momentum(out, u, g, n, decay)
  },
}

export const optimizerKernels = { ema, 'ema-square': emaSquare, adam, sgd, momentum }
