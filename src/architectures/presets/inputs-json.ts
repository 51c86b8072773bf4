import type { GivenOptions, OptionTable, Rule } from '../../core/check.ts'
import { kindOf, titled } from '../../core/choice.ts'
import type { Sizes } from '../define.ts'
import { exemplarInputs } from '../inputs/exemplars.ts'
import type { Inputs } from '../inputs/input.ts'
import { tokenInputs } from '../inputs/tokens.ts'
import { vectorInputs } from '../inputs/vectors.ts'
import type { PartKind } from '../part.ts'

/** The kinds of input that a preset can embed. */
const known = { exemplars: exemplarInputs, tokens: tokenInputs, vectors: vectorInputs } as const

type Known = typeof known

type JsonOf<Kind> = Kind extends { readonly kind: infer Name; readonly table: infer Table extends OptionTable }
  ? { readonly kind: Name } & GivenOptions<Table>
  : never

/** The inputs of a sequence, as JSON: a kind and its options. */
export type InputsJson = JsonOf<Known[keyof Known]>

const kinds = known as unknown as Readonly<Record<string, PartKind<OptionTable, Inputs>>>

/** Inputs as JSON. */
export const someInputs: Rule<InputsJson> = titled('inputs', kindOf('kind', 'a kind of inputs', kinds))

/** The inputs that JSON describes. @throws OpsinError `NAME` or `VALUE`. */
export function inputsOf({ kind, ...options }: InputsJson): Inputs {
  return kinds[kind](options)
}

/** The inputs of the one kind all of whose options are among a task's sizes; nothing where there is none, or more than one. */
export function inputsFrom(sizes: Sizes): InputsJson | undefined {
  const needed = ({ table }: PartKind) => Object.keys(table).filter((name) => table[name].absent === undefined)
  const told = Object.values(kinds).filter((kind) => needed(kind).every((name) => Object.hasOwn(sizes, name)))
  if (told.length !== 1) return undefined
  const [kind] = told
  const options = Object.fromEntries(needed(kind).map((name) => [name, sizes[name]]))
  return { kind: kind.kind, ...options } as unknown as InputsJson
}
