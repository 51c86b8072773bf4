import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { OpDef } from './define.ts'
import * as definitions from './index.ts'

type Definitions = typeof definitions

/** The name of one of the house's ops. */
export type OpName = Definitions[keyof Definitions]['name']

/** The house's ops by name. */
export const ops: Readonly<Record<OpName, OpDef>> = Object.fromEntries(
  Object.values(definitions).map((op) => [op.name, op as OpDef]),
) as Record<OpName, OpDef>

/** The definition of one of the house's ops. @throws OpsinError `NAME` when there is none. */
export function opNamed(name: string): OpDef {
  if (Object.hasOwn(ops, name)) return ops[name as OpName]
  throw unknownName('graph', 'the name of an op', name, Object.keys(ops))
}

/** Gives an op back. @throws OpsinError `NAME` for one that has the name of another of the house's. */
export function requireOwnName(op: OpDef): OpDef {
  if (!Object.hasOwn(ops, op.name) || ops[op.name as OpName] === op) return op
  throw new OpsinError('NAME', {
    where: `op "${op.name}"`,
    expected: 'a name of its own',
    got: 'that of an op of the house',
    hint: 'Put the name of your package in front of it.',
  })
}
