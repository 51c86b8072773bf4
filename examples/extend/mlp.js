// A new kind of MLP, around the new op: options, hook points, parameters and shapes are those of every MLP.
import { defineElementwiseMlp } from 'opsin/extend'
import { softsign } from './op.js'

export const softsignMlp = defineElementwiseMlp('extend/softsign', softsign)
