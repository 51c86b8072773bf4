import { type JsonSchema, schemaDocument } from '../core/json-schema.ts'
import { schemaOf } from '../core/rule.ts'
import { type SourceNature, sourceNatures } from '../interventions/sources/index.ts'
import { sourceTitle } from '../interventions/sources/rule.ts'
import { type Exports, kindsAmong } from './from-module.ts'
import { aModule, moduleTitle } from './module.ts'
import { aRun } from './run.ts'

/**
 * A JSON schema (draft 2020-12) of the values that {@link aRun} accepts; `$comment`s name the checks that it cannot express.
 *
 * @param modules exports of modules. With none, a reference may name any export, and a source of a module any kind.
 */
export function runSchema(modules: readonly Exports[] = []): JsonSchema {
  return schemaDocument(schemaOf(aRun), modules.length === 0 ? {} : exported(modules))
}

/** The parts of the schema that modules decide, by their titles. */
function exported(modules: readonly Exports[]): Readonly<Record<string, JsonSchema>> {
  const kinds = modules.flatMap(kindsAmong).map(({ kind }) => kind)
  const ofNature = (nature: SourceNature) =>
    kinds.filter(({ reads }) => (reads === undefined) === (nature === 'constant')).map(({ rule }) => schemaOf(rule))
  const sources = sourceNatures.map((nature) => [sourceTitle(nature), oneAmong(ofNature(nature))])
  return { [moduleTitle]: references(modules), ...Object.fromEntries(sources) }
}

function oneAmong(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 0 ? { not: {} } : { anyOf: schemas }
}

/** References to the functions that modules export. */
function references(modules: readonly Exports[]): JsonSchema {
  const all = modules.flatMap(Object.entries)
  const sources = modules.flatMap(kindsAmong)
  const functions = all.filter(([, value]) => typeof value === 'function' && !sources.includes(value as never))
  const names = [...new Set(functions.map(([name]) => name))]
  const { title: _, ...schema } = schemaOf(aModule)
  return {
    ...schema,
    properties: { ...(schema.properties as object), export: { enum: names } },
    ...(names.includes('default') ? {} : { required: ['module', 'export'] }),
  }
}
