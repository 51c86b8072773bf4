import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import ts from 'typescript'
import { filesIn, pages } from './files.ts'

/** A piece of TypeScript that the docs show. */
export interface Snippet {
  /** Where it stands: `README.md:12`. */
  readonly at: string
  readonly code: string
  /** False for ```` ```ts no-run ````: it only has to compile. */
  readonly runs: boolean
  /** The module it was written to, as an absolute path. */
  readonly file: string
}

const folder = `${process.cwd()}/.cache/snippets`

/** Every ```ts block of the pages and every `@example` of the source, each written to a module of its own. */
export function snippets(): Snippet[] {
  mkdirSync(folder, { recursive: true })
  const sources = filesIn('src', '.ts').filter((file) => !/\/(assembly|generated)\//.test(file))
  return [...pages().flatMap(fences), ...sources.flatMap(examples)].map((found) => {
    const file = `${folder}/${found.at.replace(/[/:]/g, '_')}.ts`
    // By renaming, since two test files do this at the same time and read what the other wrote.
    writeFileSync(`${file}.${process.pid}`, `${found.code}\nexport {}\n`)
    renameSync(`${file}.${process.pid}`, file)
    return { ...found, file }
  })
}

type Found = Omit<Snippet, 'file'>

function fences(page: string): Found[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```ts(?: (no-run))?\n(.*?)^```$/gms)].map((match) => ({
    at: `${page}:${lineOf(text, match.index)}`,
    code: match[2],
    runs: match[1] === undefined,
  }))
}

function examples(file: string): Found[] {
  const text = readFileSync(file, 'utf8')
  if (!text.includes('@example')) return []
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const tags = source.statements.flatMap((statement) => [...ts.getJSDocTags(statement)])
  return tags
    .filter((tag) => tag.tagName.text === 'example')
    .map((tag) => ({
      at: `${file}:${lineOf(text, tag.pos)}`,
      code: ts.getTextOfJSDocComment(tag.comment) ?? '',
      runs: true,
    }))
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
