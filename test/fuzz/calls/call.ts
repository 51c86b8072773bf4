/** A function of the public API, and arguments with which it works. */
export interface Call {
  /** As it is exported; `probe.read` for a method of what it makes. */
  readonly name: string
  /** New ones each time. */
  args(): unknown[]
  run(...args: any[]): unknown
  /** It only carries numbers from one place to another, NaN among them. */
  readonly carries?: true
  /** Paths at which any field and any value is right, since they are the user's own. */
  readonly free?: RegExp
  /** How many cases it is worth; default 1. */
  readonly share?: number
}
