/** Runs its work one piece after the other: for memory that holds one run at a time. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()

  /** The work's result or error, after all earlier work has ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}
