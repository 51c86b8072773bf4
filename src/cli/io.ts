/** A stream that text is written to. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** All that the command line touches of the process it runs in, so that tests can hand it their own. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly signal: AbortSignal
  /** May use colours on stdout. */
  readonly colors: boolean
  /** The built worker; without one everything runs in this thread. */
  readonly worker?: URL
}

/** The status a shell expects of a program that Ctrl-C stopped. */
export const interrupted = 130
