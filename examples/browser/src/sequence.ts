import { byId, html } from './dom.ts'
import { type Token, tokenPicture } from './tokens.ts'

/** The row of tokens, and at its end a place for the answer. */
export function showSequence(
  tokens: readonly Token[],
  answer: { readonly label: number; readonly right: boolean },
): void {
  const slot = html('span', { class: 'slot', 'aria-label': `the answer: ${answer.label}` }, String(answer.label))
  slot.dataset.right = String(answer.right)
  byId('tokens').replaceChildren(
    ...tokens.map((token) => html('li', { class: token.kind }, tokenPicture(token))),
    html('li', { class: 'label' }, slot),
  )
}
