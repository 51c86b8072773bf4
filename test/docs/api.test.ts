import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

/** The source behind each public subpath. */
const doors = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [[subpath, target.default.replace('./dist', 'src').replace(/js$/, 'ts')] as const],
)

// Names and comments only, so no library and no checking.
const program = ts.createProgram({
  rootNames: doors.map(([, file]) => file),
  options: {
    noLib: true,
    types: [],
    allowImportingTsExtensions: true,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    module: ts.ModuleKind.ESNext,
  },
})
const checker = program.getTypeChecker()

/** What a door gives that exists at run time, each with the text of its examples. */
function values(file: string): { name: string; about: string; examples: string[] }[] {
  const source = program.getSourceFile(file)
  const door = source && checker.getSymbolAtLocation(source)
  if (!door) return []
  return checker.getExportsOfModule(door).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (!(symbol.flags & ts.SymbolFlags.Value)) return []
    const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'example')
    return {
      name: exported.name,
      about: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      examples: tags.map(({ text }) => ts.displayPartsToString(text)),
    }
  })
}

describe.each(doors)('%s', (subpath, file) => {
  const found = values(file)

  test('is not empty', () => expect(found.length).toBeGreaterThan(0))

  test.each(found)('$name says what it is and shows its use', ({ name, about, examples }) => {
    expect(about, 'a doc comment').not.toBe('')
    expect(examples.join('\n'), 'an @example that uses it').toMatch(new RegExp(`\\b${name}\\b`))
    expect(examples.join('\n'), 'an @example that imports it by the name of the package').toContain(
      `'${subpath.replace('.', 'opsin')}'`,
    )
  })
})
