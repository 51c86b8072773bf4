import type { Kernel } from './kernel.ts'

/** With decay, `rates` has a third number: what is kept of the parameters. */
function adam(decayed: boolean): Kernel<{ readonly beta1: number; readonly beta2: number; readonly eps: number }> {
  return {
    bind({ adam }, { out, inputs: [state, g, rates] }, { attrs: { beta1, beta2, eps }, inputs: [, [n]] }) {
      const keeps = Number(decayed)
      return () => adam(out, state, g, rates, n, beta1, 1 - beta1, beta2, 1 - beta2, eps, keeps)
    },
  }
}

const sgd: Kernel = {
  bind({ sgd }, { out, inputs: [p, g, rates] }, { shape: [n] }) {
    return () => sgd(out, p, g, rates, n)
  },
}

const momentum: Kernel<{ readonly decay: number }> = {
  bind({ momentum }, { out, inputs: [state, g, rates] }, { attrs: { decay }, inputs: [, [n]] }) {
    return () => momentum(out, state, g, rates, n, decay)
  },
}

const weightDecay: Kernel<{ readonly decay: number }> = {
  bind({ weightDecay }, { out, inputs: [g, state] }, { attrs: { decay }, shape: [n] }) {
    return () => weightDecay(out, g, state, n, decay)
  },
}

export const optimizerKernels = { adam: adam(false), 'adam-w': adam(true), sgd, momentum, 'weight-decay': weightDecay }
