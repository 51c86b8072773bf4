import { z } from 'zod'
import { checkInputs, type InputsJson } from '../architectures/presets/inputs-json.ts'
import { type ArchitectureName, type NamedArchitecture, namedArchitectures } from '../architectures/presets/table.ts'
import { fieldsOf } from './rule-schema.ts'
import { checkedBy, formByName, strict } from './strict.ts'

type Options<Name extends ArchitectureName> = NonNullable<Parameters<(typeof namedArchitectures)[Name]['make']>[0]>

/** The fields of a configuration's model. Inputs and outputs that are left out are taken from the task. */
export type ModelConfig =
  | ({ readonly architecture?: 'attention-only' } & Options<'attention-only'>)
  | { [Name in ArchitectureName]: { readonly architecture: Name } & Options<Name> }[ArchitectureName]

const inputsSchema = checkedBy(
  z.custom<InputsJson>((value) => typeof value === 'object' && value !== null, 'inputs {"kind": …}'),
  (inputs) => checkInputs('inputs', inputs),
)

const names = Object.keys(namedArchitectures) as ArchitectureName[]
const forms = Object.fromEntries(names.map((name) => [name, formOf(name, namedArchitectures[name])]))

export const modelSchema = formByName('architecture', forms) as unknown as z.ZodType<ModelConfig>

function formOf(name: ArchitectureName, { rules }: NamedArchitecture): z.ZodType {
  const inputs = 'inputs' in rules ? { inputs: inputsSchema.optional() } : {}
  return strict({ architecture: z.literal(name).optional(), ...fieldsOf(rules), ...inputs })
}
