import type { Rule } from '../../core/check.ts'
import { chosen, failing, titled, unsaid } from '../../core/choice.ts'
import { unknownName } from '../../core/nearest.ts'
import { isRecord } from '../../core/record.ts'
import { faultOf, misfit } from '../../core/rule.ts'
import { type CustomSource, customName, ownKind } from './custom.ts'
import type { KnownSource } from './define.ts'
import { type ConstantSource, houseSources, kinds, type LiveSource, type SourceNature } from './index.ts'

const kindsOfModules = 'modules export a kind of source of this name, with these fields'

/** Values that no parameter takes part in. */
export const aConstantSource: Rule<ConstantSource | CustomSource> = sourceOf('constant')
/** Values that the network computes. */
export const aLiveSource: Rule<LiveSource | CustomSource> = sourceOf('live')

function sourceOf(nature: SourceNature): Rule<any> {
  const rules = Object.values<KnownSource>(kinds[nature]).map(({ rule }) => rule)
  return titled(
    `${nature} source`,
    chosen(`a ${nature} source`, [...rules, fromModules(nature)], (source) => ruleFor(nature, source)),
  )
}

function ruleFor(nature: SourceNature, source: unknown): Rule<any> {
  const none = { expected: 'a source {"from": …}', fits: () => false }
  if (!isRecord(source) || typeof source.from !== 'string') return none
  const own = ownKind(source)
  const here = own === undefined ? (kinds[nature] as Readonly<Record<string, KnownSource>>) : natureOf(nature, own)
  if (Object.hasOwn(here, source.from)) return here[source.from].rule
  const names = Object.keys(here)
  if (!Object.hasOwn(houseSources, source.from)) {
    const unknown = faultOf(unknownName('', 'a kind of source', source.from, names), ['from'])
    return failing([customName.test(source.from) ? { ...unknown, beyond: kindsOfModules } : unknown])
  }
  const hint = `${nature === 'live' ? 'clamp takes constants' : 'patch takes what the network computes'}.`
  return failing([{ ...misfit({ expected: `a ${nature} source: ${names.join(', ')}` }, source.from), hint }])
}

/** The title of modules' sources in a schema. */
export function sourceTitle(nature: SourceNature): string {
  return `${nature} source of a module`
}

/** A JSON source of a kind from outside; modules define which kinds there are. */
function fromModules(nature: SourceNature): Rule<any> {
  const from = { type: 'string', pattern: customName.source }
  const schema = {
    type: 'object',
    properties: { from },
    required: ['from'],
    $comment: unsaid(kindsOfModules),
  }
  return titled(sourceTitle(nature), {
    expected: 'a source of a kind that a module exports',
    fits: () => false,
    schema,
  })
}

/** One from outside is live where it reads sites. */
function natureOf(nature: SourceNature, kind: KnownSource): Readonly<Record<string, KnownSource>> {
  return (kind.reads === undefined) === (nature === 'constant') ? { [kind.from]: kind } : {}
}
