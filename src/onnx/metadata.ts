import { type Rule, text } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { object } from '../core/fields.ts'

/** The metadata of a file that opsin has written. */
export interface OnnxMetadata {
  /** The version of opsin that wrote it. */
  readonly version: string
  /** With its config, JSON that rebuilds the model. */
  readonly architecture: string
  readonly config: Readonly<Record<string, unknown>>
  /** The hook points among the outputs, with their axes. */
  readonly hooks: Readonly<Record<string, readonly string[]>>
  /** The hook points that have a gate. */
  readonly gates: readonly string[]
  /** The sizes that it was exported at, and which of them are free in each run. */
  readonly sizes: Readonly<Record<string, number>>
  readonly free: readonly string[]
  /** SHA-256 of the interventions that are part of it, as `hashInterventions` gives it; `null` where there are none. */
  readonly interventions: string | null
  /** The task that the model was trained on, as JSON; `null` where it was not given. */
  readonly task: Readonly<Record<string, unknown>> | null
}

const strings: Rule<unknown> = {
  expected: 'a list of names',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
}
const ofObjects = (inner: (value: unknown) => boolean): Rule<unknown> => ({
  expected: 'an object',
  fits: (value) => object.fits(value) && Object.values(value as object).every(inner),
})
const orNull = (rule: Rule<any>): Rule<unknown> => ({ ...rule, fits: (value) => value === null || rule.fits(value) })

/** One entry a field; values other than text are JSON. */
const fields = {
  version: text,
  architecture: text,
  config: object,
  hooks: ofObjects(strings.fits),
  gates: strings,
  sizes: ofObjects((value) => Number.isSafeInteger(value) && Number(value) > 0),
  free: strings,
  interventions: orNull(text),
  task: orNull(object),
} satisfies Record<keyof OnnxMetadata, Rule<any>>

const PREFIX = 'opsin.'

/** The metadata as ONNX keeps them: texts by name. */
export function writeMetadata(metadata: OnnxMetadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [PREFIX + name, JSON.stringify(value)]))
}

/**
 * The metadata of a file that opsin has written; `undefined` for any other.
 *
 * @throws OpsinError `FORMAT` for what opsin would not have written.
 */
export function readMetadata(texts: ReadonlyMap<string, string>, where: string): OnnxMetadata | undefined {
  if (![...texts.keys()].some((key) => key.startsWith(PREFIX))) return undefined
  const entries = Object.entries<Rule<any>>(fields).map(([name, rule]) => {
    const value = parse(texts.get(PREFIX + name))
    if (rule.fits(value)) return [name, value]
    throw new OpsinError('FORMAT', {
      where: `${where}: metadata ${PREFIX}${name}`,
      expected: `${rule.expected}, in JSON`,
      got: texts.has(PREFIX + name) ? 'something else' : 'nothing',
      hint: 'Export the model again.',
    })
  })
  return Object.fromEntries(entries)
}

function parse(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json)
  } catch {
    return undefined
  }
}
