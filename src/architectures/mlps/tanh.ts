import { defineElementwiseMlp } from './mlp.ts'

/** An MLP with tanh. */
export const tanhMlp = defineElementwiseMlp('tanh', 'tanh')
