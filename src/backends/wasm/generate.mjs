// Compiles assembly/ twice, without and with relaxed SIMD, and writes generated/: each module as base64, and the types
// of their exports, which are the same.
//   node src/backends/wasm/generate.mjs           writes the files
//   node src/backends/wasm/generate.mjs --check   fails when a file is not what would be written
import { readdir, readFile, writeFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

const here = new URL('./', import.meta.url)

/** The binaries: file by file, what is compiled in besides {@link FLAGS}. */
const binaries = {
  'kernels.ts': [],
  'kernels-fma.ts': ['--enable', 'relaxed-simd'],
}

const FLAGS = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--initialMemory', '1', '--enable', 'simd']

async function compile(sources, flags) {
  const entry = 'index.ts'
  const files = new Map(sources)
  const kernels = [...files.keys()].filter((name) => !name.startsWith('shared/'))
  files.set(entry, kernels.map((name) => `export * from './${name.replace(/\.ts$/, '')}'`).join('\n'))
  const outputs = new Map()
  const { error, stderr } = await asc.main([entry, ...FLAGS, ...flags, '--outFile', 'kernels.wasm'], {
    readFile: (name) => files.get(name) ?? null,
    writeFile: (name, bytes) => void outputs.set(name, bytes),
    listFiles: () => [],
  })
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`)
  return outputs.get('kernels.wasm')
}

/** The exported functions with the names of their parameters, as TypeScript. */
function signatures(sources, exported) {
  const found = sources.flatMap(([, text]) => [...text.matchAll(/^export function (\w+)\(([^)]*)\): (void|f64)/gm)])
  return found
    .filter(([, name]) => exported.has(name))
    .map(([, name, parameters, result]) => {
      const names = parameters.split(',').map((parameter) => parameter.split(':')[0].trim())
      const typed = names.filter((one) => one !== '').map((one) => `${one}: number`)
      return `  ${name}(${typed.join(', ')}): ${result === 'void' ? result : 'number'}`
    })
}

async function readSources() {
  const folder = new URL('assembly/', here)
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort()
  return Promise.all(names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')]))
}

async function exportTypes(sources, wasm) {
  const exported = new Set(WebAssembly.Module.exports(await WebAssembly.compile(wasm)).map(({ name }) => name))
  return [
    '/** What the compiled modules export. Pointers are byte offsets, sizes are numbers of elements. */',
    'export interface KernelExports {',
    ...signatures(sources, exported),
    '}',
    '',
  ]
}

async function textOf(sources, flags) {
  const wasm = await compile(sources, flags)
  const base64 = Buffer.from(wasm).toString('base64')
  return [
    '// Written by generate.mjs from assembly/*.ts; `npm run kernels` writes it again. Do not edit.',
    '// biome-ignore-all lint: generated',
    '// biome-ignore-all format: generated',
    '',
    // Node 20 cannot read a relaxed module, and the types are those of the plain one.
    ...(flags.length === 0 ? await exportTypes(sources, wasm) : []),
    `/** The compiled module, ${wasm.length} bytes, in base64. */`,
    'export const kernelsBase64 =',
    base64
      .match(/.{1,110}/g)
      .map((line) => `  '${line}'`)
      .join(' +\n'),
    '',
  ].join('\n')
}

const sources = await readSources()
for (const [file, flags] of Object.entries(binaries)) {
  const text = await textOf(sources, flags)
  const target = new URL(`generated/${file}`, here)
  if (!process.argv.includes('--check')) {
    await writeFile(target, text)
    console.log(`generated/${file}: ${text.length} characters`)
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    console.error(`src/backends/wasm/generated/${file} is out of date: run \`npm run kernels\` and commit it.`)
    process.exitCode = 1
  }
}
