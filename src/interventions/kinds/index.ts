import type { InterventionKind } from '../define.ts'
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
