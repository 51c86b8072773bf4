// The tests that opsin runs on its own parts, run on these: `node check.js`.
import { checkModel, checkOp } from 'opsin/testing'
import { absoluteError, countOnes, meanAndAttention, signStep, softsign, softsignVjp } from './index.js'

for (const op of [softsign, softsignVjp, absoluteError, signStep]) checkOp(op)
const task = countOnes()
const { error } = checkModel(meanAndAttention({ dModel: 4 }), task.batch(0, 2), task.objective)
console.log(`gradients are right to ${error.toExponential(0)}`)
