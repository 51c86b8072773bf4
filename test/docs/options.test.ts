import { expect, test } from 'vitest'
import { runSchema } from '../../src/config/index.ts'

type Schema = Readonly<Record<string, any>>

const schema: Schema = JSON.parse(JSON.stringify(runSchema()))

const about = `# Options of configurations

Everything that a [configuration](cli.md#train) may say, with what it may be and what it is when left out ("default –": it may
be left out, and its function says what that means). This page is made from the definitions, as the
[JSON schema](cli.md#the-json-schema) is; \`npm test -- test/docs/options -u\` writes it again.
`

const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``

/** A row for each field, the required ones first. */
function tableOf({ properties, required }: Schema): string {
  const fields = Object.entries<Schema>(properties)
  const ordered = [
    ...fields.filter(([name]) => required.includes(name)),
    ...fields.filter(([name]) => !required.includes(name)),
  ]
  const rows = ordered.map(([name, field]) => {
    const words = 'const' in field ? code(JSON.stringify(field.const)) : (field.description ?? 'nothing')
    const standard = 'default' in field ? code(JSON.stringify(field.default)) : '–'
    return `| ${code(name)} | ${words.replaceAll('|', '\\|')} | ${required.includes(name) ? '' : standard} |`
  })
  return ['| | | default |', '| --- | --- | --- |', ...rows].join('\n')
}

/** The name of a form: the constant that tells it from others, behind its key. */
function nameOf({ properties }: Schema): string {
  const [key, { const: name }] = Object.entries<Schema>(properties).find(
    ([key, field]) => key !== 'version' && typeof field.const === 'string',
  ) as [string, Schema]
  return `### \`"${key}": "${name}"\``
}

const forms = ({ anyOf, ...single }: Schema): Schema[] => (anyOf ?? [single]).filter((one: Schema) => one.properties)

function sectionOf([title, definition]: [string, Schema]): string[] {
  const [first, ...others] = forms(definition)
  if (first === undefined) return []
  const heading = `## ${title[0].toUpperCase()}${title.slice(1)}`
  if (others.length === 0) return [heading, tableOf(first)]
  return [heading, ...[first, ...others].flatMap((one) => [nameOf(one), tableOf(one)])]
}

test('docs/guide/options.md is what the definitions say', async () => {
  const sections = Object.entries<Schema>(schema.$defs)
    .filter(([title]) => title !== 'selection')
    .flatMap(sectionOf)
  const page = [about.trim(), '## A configuration', tableOf(schema), ...sections].join('\n\n')
  await expect(`${page}\n`).toMatchFileSnapshot('../../docs/guide/options.md')
})
