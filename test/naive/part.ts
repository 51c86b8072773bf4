import type { Parameters, Tensor } from 'opsin'
import { leaf, type Value } from './tape.ts'

/** How an equation reads: another hook point as it is after all that was done to it. */
export type Read = (point: string) => Value

/** A value from those of hook points. */
export type Equation = (read: Read) => Value

export type Equations = Record<string, Equation>

/** What a part of a model comes to: an equation for each of its hook points, and one for what it gives. */
export interface Part {
  readonly points: Equations
  readonly out: Equation
}

/** The parameters of a model, as values: every replica reads these. */
export type Weights = Readonly<Record<string, Value>>

/** Where a part stands, and what it may ask for there. */
export interface Place {
  /** In front of the names of its hook points and parameters. */
  readonly prefix: string
  readonly weights: Weights
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly causal: boolean
  /** Whether scores of later keys count, should somebody have written them. */
  readonly looksAhead: boolean
}

export function inside(place: Place, prefix: string): Place {
  return { ...place, prefix: place.prefix + prefix }
}

export function weightOf({ prefix, weights }: Place, name: string): Value {
  const weight = weights[prefix + name]
  if (weight === undefined) throw new Error(`the model has no parameter ${prefix}${name}`)
  return weight
}

export function weightsFrom(parameters: Parameters): Weights {
  return Object.fromEntries(Object.entries(parameters).map(([name, { shape, data }]) => [name, leaf(shape, data)]))
}
