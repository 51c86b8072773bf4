// A new task: how many of the tokens so far were ones, as a number for every position. It says what is to be made small.
import { floats, ints, sequenceTask } from 'opsin'
import { meanAbsoluteError } from './objective.js'

export function countOnes({ length = 6 } = {}) {
  return sequenceTask({
    name: 'extend/count-ones',
    config: { length },
    sizes: { vocab: 2, length, outputs: 1 },
    arrays: { tokens: ints(length), targets: floats([length, 1]) },
    objective: meanAbsoluteError(),
    sample(draws) {
      const tokens = Array.from({ length }, () => draws.below(2))
      let ones = 0
      return { tokens, targets: tokens.map((token) => (ones += token) / length) }
    },
  })
}
