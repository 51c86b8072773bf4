// Compiles assembly/ and writes generated/kernels.ts: the module as base64 and the types of its exports.
//   node src/backends/wasm/generate.mjs           writes the file
//   node src/backends/wasm/generate.mjs --check   fails when the file is not what would be written
import { readdir, readFile, writeFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

const here = new URL('./', import.meta.url)
const target = new URL('generated/kernels.ts', here)

const FLAGS = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--initialMemory', '1', '--enable', 'simd']

async function compile(sources) {
  const entry = 'index.ts'
  const files = new Map(sources)
  const kernels = [...files.keys()].filter((name) => !name.startsWith('shared/'))
  files.set(entry, kernels.map((name) => `export * from './${name.replace(/\.ts$/, '')}'`).join('\n'))
  const outputs = new Map()
  const { error, stderr } = await asc.main([entry, ...FLAGS, '--outFile', 'kernels.wasm'], {
    readFile: (name) => files.get(name) ?? null,
    writeFile: (name, bytes) => void outputs.set(name, bytes),
    listFiles: () => [],
  })
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`)
  return outputs.get('kernels.wasm')
}

/** The exported functions with the names of their parameters, as TypeScript. */
function signatures(sources, exported) {
  const found = sources.flatMap(([, text]) => [...text.matchAll(/^export function (\w+)\(([^)]*)\): void/gm)])
  return found
    .filter(([, name]) => exported.has(name))
    .map(([, name, parameters]) => {
      const names = parameters.split(',').map((parameter) => parameter.split(':')[0].trim())
      const typed = names.filter((one) => one !== '').map((one) => `${one}: number`)
      return `  ${name}(${typed.join(', ')}): void`
    })
}

async function generate() {
  const folder = new URL('assembly/', here)
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort()
  const sources = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')]))
  const wasm = await compile(sources)
  const exported = new Set(WebAssembly.Module.exports(await WebAssembly.compile(wasm)).map(({ name }) => name))
  const lines = Buffer.from(wasm)
    .toString('base64')
    .match(/.{1,110}/g)
  return [
    '// Written by generate.mjs from assembly/*.ts; `npm run kernels` writes it again. Do not edit.',
    '// biome-ignore-all lint: generated',
    '// biome-ignore-all format: generated',
    '',
    '/** What the compiled module exports. Pointers are byte offsets, sizes are numbers of elements. */',
    'export interface KernelExports {',
    ...signatures(sources, exported),
    '}',
    '',
    `/** The compiled module, ${wasm.length} bytes, in base64. */`,
    'export const kernelsBase64 =',
    lines.map((line) => `  '${line}'`).join(' +\n'),
    '',
  ].join('\n')
}

const text = await generate()
if (process.argv.includes('--check')) {
  const present = await readFile(target, 'utf8').catch(() => '')
  if (present !== text) {
    console.error('src/backends/wasm/generated/kernels.ts is out of date: run `npm run kernels` and commit it.')
    process.exit(1)
  }
} else {
  await writeFile(target, text)
  console.log(`generated/kernels.ts: ${text.length} characters`)
}
