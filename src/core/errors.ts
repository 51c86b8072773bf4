/** The kinds of errors, by code. Each code has an entry in `docs/errors.md`. */
export const errorCodes = {
  NAME: 'a name that does not exist here',
  SHAPE: 'a shape, size or axis that does not fit',
  VALUE: 'a value outside its range',
  DTYPE: 'a number type that does not fit',
  CONFLICT: 'two interventions that write the same elements',
  NO_EFFECT: 'an intervention or selection that would do nothing',
  GRADIENT: 'a gradient asked of something that has none',
  NOT_FINITE: 'NaN or infinity',
  FORMAT: 'a file or document that is not what it claims to be',
  CHECKPOINT: 'a checkpoint that does not belong to this run',
  IO: 'a file that cannot be read or written',
  ENGINE: 'an engine that does not exist or cannot run here',
  INTERNAL: 'a fault of opsin itself',
} as const

export type ErrorCode = keyof typeof errorCodes

/** The parts of an {@link OpsinError}; the message is composed from them. */
export interface ErrorParts {
  /** The thing at fault, e.g. `at(model, "blocks.0.attn.q")`. */
  readonly where: string
  readonly expected: string
  readonly got: string
  /** A remedy. */
  readonly hint?: string
  readonly cause?: unknown
}

/**
 * The one error that opsin throws on purpose: the place, the expected and the actual value, and a remedy.
 *
 * @example
 * import { OpsinError, attentionOnly, at } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8, inputs: { kind: 'tokens', vocab: 4 } })
 * try {
 *   at(model, 'blocks.0.attn.patern' as 'blocks.0.attn.pattern')
 * } catch (error) {
 *   if (!(error instanceof OpsinError) || error.code !== 'NAME') throw error
 * }
 */
export class OpsinError extends Error {
  override readonly name = 'OpsinError'
  readonly code: ErrorCode
  readonly where: string
  readonly expected: string
  readonly got: string
  readonly hint: string | undefined

  constructor(code: ErrorCode, { where, expected, got, hint, cause }: ErrorParts) {
    super(
      `${where}: expected ${expected}, got ${got}.${hint ? ` ${hint}` : ''} [${code}]`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.where = where
    this.expected = expected
    this.got = got
    this.hint = hint
  }
}

/** An error, saying where else it came about: `step 7: input "tokens"`. Other errors stay as they are. */
export function within(where: string, error: OpsinError): OpsinError
export function within(where: string, error: unknown): unknown
export function within(where: string, error: unknown): unknown {
  if (!(error instanceof OpsinError)) return error
  const { code, expected, got, hint } = error
  const parts = { where: `${where}: ${error.where}`, expected, got, cause: error }
  return new OpsinError(code, hint === undefined ? parts : { ...parts, hint })
}

/** A bug of opsin, not a mistake of the caller; the message makes that clear. */
export function internal(where: string, expected: string, got: string): OpsinError {
  return new OpsinError('INTERNAL', {
    where: `internal: ${where}`,
    expected,
    got,
    hint: 'This is a bug in opsin; please report it with this message.',
  })
}
