import type { Model } from './define.ts'
import * as inputs from './inputs/index.ts'
import * as mixers from './mixers/index.ts'
import * as mlps from './mlps/index.ts'
import * as norms from './norms/index.ts'
import type { AnyPart } from './part.ts'
import * as positions from './positions/index.ts'
import { type NamedArchitecture, namedArchitectures } from './presets/table.ts'
import * as readouts from './readouts/index.ts'
import * as residuals from './residuals/index.ts'
import { type TransformerOptions, transformer } from './transformer.ts'

type Json = Readonly<Record<string, unknown>>

/** Makes a part from its JSON. */
type Reader = (json: unknown) => AnyPart | undefined

/** A part that is not of the house: its JSON does not say how to make it. */
class Unknown extends Error {}

/** Makes the parts of a family; parts inside of parts are mixers' modifiers. */
function readerOf(family: object): Reader {
  const kinds = new Map(Object.values(family).flatMap((one) => ('kind' in one ? [[one.kind, one] as const] : [])))
  return (json) => {
    if (json === undefined) return undefined
    const { kind, ...options } = json as Json
    const make = kinds.get(kind)
    if (make === undefined) throw new Unknown(String(kind))
    return make(Object.fromEntries(Object.entries(options).map(([name, value]) => [name, withParts(value)])))
  }
}

function withParts(value: unknown): unknown {
  return Array.isArray(value) ? value.map((one) => (isPartJson(one) ? readers.mixer(one) : one)) : value
}

function isPartJson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value
}

const readers = {
  inputs: readerOf(inputs),
  positions: readerOf(positions),
  mixer: readerOf(mixers),
  mlp: readerOf(mlps),
  norm: readerOf(norms),
  residual: readerOf(residuals),
  readout: readerOf(readouts),
}

/**
 * The model that an architecture's name and its config, plain JSON, describe; `undefined` for one with parts that are not of the
 * house.
 *
 * @throws OpsinError for a config that no model has.
 */
export function modelFromJson(architecture: string, config: Json): Model | undefined {
  const table: Readonly<Record<string, NamedArchitecture>> = namedArchitectures
  if (architecture !== 'transformer') {
    return Object.hasOwn(table, architecture) ? table[architecture].make(config) : undefined
  }
  try {
    return transformer(composed(config))
  } catch (error) {
    if (error instanceof Unknown) return undefined
    throw error
  }
}

/** The options of a composed transformer, with parts in place of their JSON. */
function composed({ blocks, readouts: several, ...rest }: Json): TransformerOptions {
  const parts = partsOf(rest)
  return {
    ...parts,
    blocks: (blocks as Json[]).map(partsOf),
    ...(several === undefined
      ? {}
      : {
          readouts: Object.fromEntries(
            Object.entries(several as Json).map(([name, one]) => [name, readers.readout(one)]),
          ),
        }),
  } as unknown as TransformerOptions
}

function partsOf(json: Json): Json {
  const table: Readonly<Record<string, Reader>> = readers
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, Object.hasOwn(table, name) ? table[name](value) : value]),
  )
}
