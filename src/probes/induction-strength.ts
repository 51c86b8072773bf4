import type { Probe, Reading } from './define.ts'

/**
 * Per head of a layer: mean attention from the query to the labels that are its answer, minus mean attention to the
 * other labels of the context; from −1 to 1. [Singh et al. 2024, figure 3b]
 *
 * @example
 * import { inductionStrength } from 'opsin'
 * const probes = [inductionStrength({ layer: 1, every: 5_000 })]
 */
export function inductionStrength({ layer, every }: { readonly layer: number; readonly every?: number }): Probe {
  const point = `blocks.${layer}.attn.pattern`
  return {
    name: `induction-strength.${layer}`,
    points: [point],
    ...(every === undefined ? {} : { every }),
    read: (reading) => strengthPerHead(reading, point),
  }
}

function strengthPerHead({ points, batch }: Reading, point: string): number[] {
  const { shape, data: pattern } = points[point] // [batch, head, query, key]
  const [sequences, heads, length] = shape
  const [labels, targets] = [batch.labels.data, batch.targets.data]
  const pairs = (length - 1) / 2
  const strengths = new Array<number>(heads).fill(0)
  for (let s = 0; s < sequences; s++) {
    for (let head = 0; head < heads; head++) {
      const lastRow = ((s * heads + head) * length + length - 1) * length
      for (let pair = 0; pair < pairs; pair++) {
        const sign = labels[s * pairs + pair] === targets[s] ? 1 : -1
        strengths[head] += (sign * pattern[lastRow + 2 * pair + 1]) / sequences
      }
    }
  }
  return strengths
}
