import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { initializers } from '../../src/architectures/initializers/index.ts'
import { namedArchitectures } from '../../src/architectures/presets/table.ts'
import { engineNames } from '../../src/backends/index.ts'
import { runSchema } from '../../src/config/index.ts'
import { iclDynamicsTable } from '../../src/interventions/from-icl-dynamics.ts'
import { interventionKinds } from '../../src/interventions/kinds/index.ts'
import { houseSources } from '../../src/interventions/sources/index.ts'
import * as optimizers from '../../src/optimizers/index.ts'
import { namedProbes } from '../../src/probes/table.ts'
import * as tasks from '../../src/tasks/index.ts'
import { namedTasks } from '../../src/tasks/table.ts'

const families = ['inputs', 'positions', 'mixers', 'mlps', 'norms', 'residuals', 'readouts'] as const
const parts = await Promise.all(families.map((family) => import(`../../src/architectures/${family}/index.ts`)))

const inQuotes = (names: readonly string[]) => names.map((name) => `"${name}"`)
const functionsOf = (door: object) => Object.keys(door).filter((name) => /^[a-z]/.test(name))
const schemaComments = [...JSON.stringify(runSchema()).matchAll(/Not said here: (.*?)\."/g)].map(([, said]) => said)

/** What each page describes, and how it writes it. */
const pages: [string, string, readonly string[]][] = [
  ['interventions', 'kinds of intervention', Object.keys(interventionKinds).map((name) => `\`${name}(`)],
  ['interventions', 'sources', inQuotes(Object.keys(houseSources))],
  ['cli', 'tasks', inQuotes(Object.keys(namedTasks))],
  ['cli', 'probes', inQuotes(Object.keys(namedProbes))],
  ['cli', 'architectures', inQuotes(Object.keys(namedArchitectures))],
  ['cli', 'what a schema cannot say', [...new Set(schemaComments)]],
  ['training', 'optimisers and schedules', functionsOf(optimizers).filter((name) => name !== 'optimizerFrom')],
  ['training', 'initialisers', Object.keys(initializers)],
  ['tasks', 'tasks', functionsOf(tasks).filter((name) => name !== 'sliceBatch')],
  ['models', 'parts', parts.flatMap(functionsOf).filter((name) => !name.startsWith('define'))],
  ['engines', 'engines', [...engineNames.map((name) => `\`${name}\``), "'fastest'"]],
  ['from-icl-dynamics', 'options', Object.keys(iclDynamicsTable).map((name) => `\`${name}`)],
]

describe('the guide names every one of', () => {
  test.each(pages)('docs/guide/%s.md: %s', (page, _, names) => {
    const text = readFileSync(`docs/guide/${page}.md`, 'utf8').replace(/\s+/g, ' ')
    expect(names.length).toBeGreaterThan(1)
    expect(names.filter((name) => !text.includes(name))).toEqual([])
  })
})
