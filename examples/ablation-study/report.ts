import { cost } from './figures.ts'
import { labels, type Result } from './study.ts'

/** From 1 (the same order) to −1 (the opposite); for numbers of which no two are equal. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [ranksA, ranksB] = [a, b].map((values) => values.map((value) => values.filter((other) => other < value).length))
  const squares = ranksA.reduce((sum, rank, i) => sum + (rank - ranksB[i]) ** 2, 0)
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1))
}

/** What the study found in a few numbers. */
export function summary({ intact, pairs, alone, strength }: Result) {
  const first = pairs.length - alone.length
  const accuracies = alone.map(({ accuracy }) => accuracy)
  return {
    /** The most accuracy that a single head of layer 1 takes with it. */
    dearestRemoval: Math.max(...alone.map((_, head) => intact.accuracy - pairs[first + head][first + head].accuracy)),
    byStrength: order(strength),
    byAccuracyAlone: order(accuracies),
    rankCorrelation: spearman(strength, accuracies),
  }
}

function order(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => values[b] - values[a])
}

/** The map for a terminal, in hundredths of a nat. */
export function terminalMap(result: Result): string {
  const cell = (text: string) => text.padStart(4)
  const rows = cost(result).map((row) => row.map((value) => cell((100 * value).toFixed(0))).join(''))
  return [
    'Loss without both heads, less that of the intact model, in hundredths of a nat',
    `     ${labels.map(cell).join('')}`,
    ...rows.map((row, i) => ` ${labels[i]} ${row}`),
  ].join('\n')
}

/** Figure 4a and the summary in lines. */
export function terminalTable(result: Result): string {
  const { pairs, alone, strength } = result
  const first = pairs.length - alone.length
  const { dearestRemoval, byStrength, byAccuracyAlone, rankCorrelation } = summary(result)
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`.padStart(12)
  return [
    'head   strength   removed   left alone',
    ...byStrength.map(
      (head) =>
        ` 1.${head}${strength[head].toFixed(3).padStart(10)}${percent(pairs[first + head][first + head].accuracy)}${percent(alone[head].accuracy)}`,
    ),
    `Removing one costs at most ${(100 * dearestRemoval).toFixed(1)} points of accuracy.`,
    `Order by strength ${byStrength.join(' ')}, by accuracy alone ${byAccuracyAlone.join(' ')}: Spearman ${rankCorrelation.toFixed(3)}.`,
  ].join('\n')
}
