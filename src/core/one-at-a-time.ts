/** Does what it is given one after the other: for work on memory that only one may use at once. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()

  /** What the work gives, or its error, once all that came before has ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}
