import type { Rule } from '../../core/check.ts'
import { chosen, failing, titled } from '../../core/choice.ts'
import { unknownName } from '../../core/nearest.ts'
import { isRecord } from '../../core/record.ts'
import { faultOf, misfit } from '../../core/rule.ts'
import { type InterventionKind, interventionVersion } from '../define.ts'
import type { KnownKind } from '../form.ts'
import { ablateKind } from './ablate.ts'
import { clampKind } from './clamp.ts'
import { forbidKind } from './forbid.ts'
import { patchKind } from './patch.ts'
import { scaleKind } from './scale.ts'

/** The kinds of intervention, by name. */
export const interventionKinds = {
  ablate: ablateKind,
  clamp: clampKind,
  forbid: forbidKind,
  patch: patchKind,
  scale: scaleKind,
} as const

type InterventionOf<Kind> = Kind extends InterventionKind<infer I> ? I : never

/** Any intervention, as plain JSON with a version. */
export type Intervention = InterventionOf<(typeof interventionKinds)[keyof typeof interventionKinds]>

const kinds: Readonly<Record<string, KnownKind>> = interventionKinds
const rules = Object.values(kinds).map(({ rule }) => rule)

/** The form of an intervention, for any model. */
export const anIntervention: Rule<Intervention> = titled('intervention', chosen('an intervention', rules, ruleFor))

function ruleFor(value: unknown): Rule<any> {
  const { version, kind } = isRecord(value) ? value : {}
  if (version !== interventionVersion) {
    const expected = `an intervention of version ${interventionVersion}`
    const hint = `Make interventions with ${Object.keys(kinds).join(', ')}.`
    return failing([{ ...misfit({ expected, code: 'FORMAT' }, version), hint }])
  }
  if (typeof kind === 'string' && Object.hasOwn(kinds, kind)) return kinds[kind].rule
  return failing([faultOf(unknownName('', 'a kind of intervention', kind, Object.keys(kinds)))])
}
