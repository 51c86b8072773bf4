import { unknownName } from '../core/nearest.ts'
import type { OpDef } from './define.ts'
import * as definitions from './index.ts'

type Definitions = typeof definitions

/** The name of an op. */
export type OpName = Definitions[keyof Definitions]['name']

/** All ops by name. */
export const ops: Readonly<Record<OpName, OpDef>> = Object.fromEntries(
  Object.values(definitions).map((op) => [op.name, op as OpDef]),
) as Record<OpName, OpDef>

/** The definition of an op. @throws OpsinError `NAME` when there is none. */
export function opNamed(name: string): OpDef {
  if (Object.hasOwn(ops, name)) return ops[name as OpName]
  throw unknownName('graph', 'the name of an op', name, Object.keys(ops))
}
