import { defineElementwiseMlp } from './mlp.ts'

/** An MLP with max(x, 0). */
export const reluMlp = defineElementwiseMlp('relu', 'relu')
