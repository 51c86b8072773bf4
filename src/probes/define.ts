import { count, optional, type Rule, readOptions, text } from '../core/check.ts'
import { aFunction, listOf, requireFields } from '../core/fields.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Batch } from '../tasks/define.ts'

/** A probe's input: copies of the hook points it asked for, over a whole evaluation set. */
export interface Reading {
  readonly points: Readonly<Record<string, Tensor>>
  readonly batch: Batch
}

/**
 * A read-out of a model in training: it names the hook points it needs and turns their values into a number, or several
 * (one a head). It changes nothing.
 */
export interface Probe {
  /** The name of its values in records and logs. */
  readonly name: string
  readonly points: readonly string[]
  /** How often, in sequences; default: at every evaluation. */
  readonly every?: number
  read(reading: Reading): number | readonly number[]
}

/** Options of every probe. */
export interface ProbeOptions {
  /** How often, in sequences; default: at every evaluation. */
  readonly every?: number
}

/** The rules of these options. */
export const probeTable = {
  every: optional(count(Number.MAX_SAFE_INTEGER)),
} satisfies Record<keyof ProbeOptions, Rule<any>>

/** A probe that has no options but those of every probe. */
export function makeProbe(where: string, options: ProbeOptions, probe: Omit<Probe, 'every'>): Probe {
  return { ...probe, ...everyOf(readOptions(where, options, probeTable)) }
}

/** The field `every` of a probe, where it is said. */
export function everyOf({ every }: { readonly every: number | undefined }): ProbeOptions {
  return every === undefined ? {} : { every }
}

/** The fields of every probe. */
const probeFields = {
  name: text,
  points: listOf(text, 'names of hook points'),
  every: optional(count(Number.MAX_SAFE_INTEGER)),
  read: aFunction,
} satisfies Record<keyof Probe, Rule<any>>

/** Gives a probe back. @throws OpsinError `VALUE` for what is none. */
export function requireProbe(where: string, probe: Probe): Probe {
  requireFields(where, probe, probeFields)
  return probe
}
