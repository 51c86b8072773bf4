import { byId } from './dom.ts'

/** Says on the page what went wrong. */
export function showFailure(error: unknown): void {
  byId('failure').textContent = error instanceof Error ? error.message : String(error)
  byId('failure').hidden = false
}

export function hideFailure(): void {
  byId('failure').hidden = true
}
