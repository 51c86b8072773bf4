import { byId, figure, html, percent } from './dom.ts'
import type { Network, Reading } from './network.ts'
import type { Token } from './tokens.ts'

/** The answer to one sequence, and what is right. */
export function answerOf({ batch }: Network, { probabilities }: Reading, sequence: number) {
  const row = probabilities[sequence]
  const label = row.indexOf(Math.max(...row))
  const target = batch.targets.data[sequence]
  return { row, label, target, right: label === target }
}

type Answer = ReturnType<typeof answerOf>

/** A bar for each label: how likely it is now, and by a line how likely it was untouched. */
export function showAnswer(tokens: readonly Token[], answer: Answer, before: Answer): void {
  byId('said').replaceChildren(
    `Says ${answer.label} with ${percent(answer.row[answer.label])}: `,
    html('strong', { class: answer.right ? 'right' : 'wrong' }, answer.right ? 'right' : 'wrong'),
  )
  byId('bars').replaceChildren(
    ...answer.row.map((probability, label) => {
      const colour = tokens.find(({ text }) => text === String(label))?.colour ?? 'none'
      const bar = html('span', { class: 'bar' })
      bar.style.setProperty('--now', String(probability))
      bar.style.setProperty('--before', String(before.row[label]))
      const isRight = label === answer.target
      const name = html('span', { class: `chip pair-${colour}` }, String(label))
      const mark = html('span', { class: 'mark' }, isRight ? '✓ right' : '\u00a0')
      const item = html('li', { class: `pair-${colour}` }, figure(probability, percent(probability)), bar, name, mark)
      item.dataset.right = String(isRight)
      return item
    }),
  )
}

/** Two numbers over all sequences, each beside what it was untouched. */
export function showScore(now: Reading, before: Reading): void {
  byId('score').replaceChildren(
    ...entry('accuracy', now.accuracy, before.accuracy, (x) => percent(x, 0)),
    ...entry('loss', now.loss, before.loss, (x) => x.toFixed(3)),
  )
}

function entry(name: string, now: number, before: number, show: (value: number) => string): HTMLElement[] {
  const value = html('dd', { id: name }, figure(now, show(now)))
  if (now !== before) value.append(' ', html('span', { class: 'quiet' }, `was ${show(before)}`))
  return [html('dt', {}, name), value]
}
