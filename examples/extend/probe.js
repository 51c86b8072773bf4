// A new probe: the mean absolute difference on an evaluation set, in counts rather than shares.
export function countError({ every } = {}) {
  return {
    name: 'count-error',
    points: ['logits'],
    ...(every === undefined ? {} : { every }),
    read({ points: { logits }, batch: { targets } }) {
      const [, length] = targets.shape
      const sum = targets.data.reduce((total, target, i) => total + Math.abs(logits.data[i] - target), 0)
      return (length * sum) / targets.data.length
    },
  }
}
