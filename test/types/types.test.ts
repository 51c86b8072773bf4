import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { snippets } from '../support/snippets.ts'

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())

const shown = snippets()
const fixtures = ['right', 'wrong'].map((name) => `${process.cwd()}/test/types/fixtures/${name}.ts`)

// One program for all: what a user writes may leave names unused, or this would be the house's own options.
const program = ts.createProgram({
  rootNames: [...fixtures, ...shown.map(({ file }) => file)],
  options: { ...options, noUnusedLocals: false, noUnusedParameters: false },
})

function complaints(file: string): string[] {
  const source = program.getSourceFile(file)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ file, start, messageText }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    },
  )
}

describe('hook names and axes', () => {
  test('every right one compiles', () => expect(complaints(fixtures[0])).toEqual([]))
  test('no wrong one does', () => expect(complaints(fixtures[1])).toEqual([]))
})

describe('every snippet of the docs compiles', () => {
  test.each(shown)('$at', ({ file }) => expect(complaints(file)).toEqual([]))
})
