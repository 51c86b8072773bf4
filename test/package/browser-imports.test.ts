import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, expect, test } from 'vitest'

const page = readFileSync('docs/guide/browser.md', 'utf8')
const [, mapText] = /<script type="importmap">\n(.*?)<\/script>/s.exec(page) ?? []
const imports: Readonly<Record<string, string>> = JSON.parse(mapText).imports

/** Where a path of the map is in this house. */
const placeOf = (path: string) => path.replace(/^\/(node_modules\/opsin\/)?/, '')

/** The bare names that a file and all it reaches import, dynamic imports included; packages are entered by the map. */
function bareImports(entry: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>()
  if (seen.has(entry)) return found
  seen.add(entry)
  for (const { fileName } of ts.preProcessFile(readFileSync(entry, 'utf8'), true, true).importedFiles) {
    const bare = !/^[./]/.test(fileName)
    if (bare) found.add(fileName)
    const next = bare ? imports[fileName] && placeOf(imports[fileName]) : join(entry, '..', fileName)
    if (next) for (const name of bareImports(next, seen)) found.add(name)
  }
  return found
}

const doors = Object.keys(imports).filter((name) => name.startsWith('opsin'))

test('the import map of the guide is what its doors import, no more and no less', () => {
  const needed = new Set(doors.flatMap((door) => [...bareImports(placeOf(imports[door]))]))
  expect([...needed].sort()).toEqual(
    Object.keys(imports)
      .filter((name) => !doors.includes(name))
      .sort(),
  )
})

test.each(Object.entries(imports))('%s is an ES module that is there', (_, path) => {
  const file = placeOf(path)
  expect(existsSync(file)).toBe(true)
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022)
  expect(ts.isExternalModule(source)).toBe(true)
})

const folder = mkdtempSync(join(tmpdir(), 'opsin-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program in a Node of its own and gives back what it prints. */
function run(program: string, ...flags: string[]): string {
  const file = join(folder, 'page.mjs')
  writeFileSync(file, program)
  return execFileSync(process.execPath, [...flags, file], { encoding: 'utf8', stdio: 'pipe' }).trim()
}

const dist = (door: string) => JSON.stringify(new URL(`../../dist/${door}`, import.meta.url).href)

test("the page's program runs through its map", () => {
  const [, program] = /<script type="module">\n(.*?)<\/script>/s.exec(page) ?? []
  const loader = fileURLToPath(new URL('../support/import-map.mjs', import.meta.url))
  const said = run(`${program.replace('document.body.textContent =', 'console.log(')})`, '--import', loader)
  expect(said).toMatch(/^loss \d\.\d+$/)
})

test('figures and views stand on CommonJS packages, as the guide says', () => {
  const [, named] = /dependencies, (.*?), are CommonJS/s.exec(page) ?? []
  const bare = ['figures', 'views'].flatMap((door) => [...bareImports(`dist/${door}/index.js`)])
  const commonJs = bare.filter((name) => {
    const path = `node_modules/${name}/package.json`
    if (imports[name] || !existsSync(path)) return false
    const { type, exports, module } = JSON.parse(readFileSync(path, 'utf8'))
    return type !== 'module' && !exports && !module
  })
  expect(commonJs.sort()).toEqual(named.split(/, | and /))
})

test('renderSvg needs no code generation from strings', () => {
  const svg = run(
    `import { lossCurves, renderSvg } from ${dist('figures/index.js')}
     const levels = [{ value: 0.7, label: 'ln 2' }]
     console.log(await renderSvg(lossCurves({ clamped: [[0, 1.6], [50_000, 0.4]] }, { levels, title: 'A clamped run' })))`,
    '--disallow-code-generation-from-strings',
  )
  expect(svg).toMatch(/^<svg.*50k.*A clamped run.*<\/svg>$/s)
})

test('a JavaScript engine without WebAssembly is told so, and computes with the reference', () => {
  const said = run(
    `import { attentionOnly, fewShot, initialize, runWithCache } from ${dist('index.js')}
     const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
     const task = fewShot({ classes: 20 })
     const inputs = { ...task.tables, ...task.evaluator('train', 4) }
     for (const engine of ['wasm', 'wasm-fma', 'fastest', 'wasm', 'reference']) {
       const run = runWithCache(model, initialize(model, 1), inputs, { engine })
       console.log(engine, await run.then(({ engine }) => engine, ({ code }) => code))
     }`,
    '--jitless',
  )
  expect(said.split('\n')).toEqual([
    'wasm ENGINE',
    'wasm-fma ENGINE',
    'fastest ENGINE',
    'wasm ENGINE',
    'reference reference',
  ])
})
