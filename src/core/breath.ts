/** How long to compute before looking up, in ms. */
const BREATH = 100

/**
 * Lets everything else that waits for this thread have its turn: timers, messages, Ctrl-C, a page. Then throws the
 * signal's reason, if it was aborted.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 0))
  signal?.throwIfAborted()
}

/**
 * A clock for loops that compute for long: it says when to {@link breathe}. There is one for a whole run, since a loop in
 * pieces that each are shorter than a breath would never take one, and no abort would ever be heard.
 */
export class Breath {
  #last = performance.now()

  constructor(readonly signal?: AbortSignal | undefined) {}

  get isDue(): boolean {
    return performance.now() - this.#last >= BREATH
  }

  /** Takes one if it is due. */
  async check(): Promise<void> {
    this.signal?.throwIfAborted()
    if (this.isDue) await this.take()
  }

  async take(): Promise<void> {
    await breathe(this.signal)
    this.#last = performance.now()
  }
}
