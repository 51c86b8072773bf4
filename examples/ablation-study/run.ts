import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Resvg } from '@resvg/resvg-js'
import { renderSvg } from 'opsin/figures'
import { load } from 'opsin/models'
import { ensureFolder, writeAtomic } from 'opsin/node'
import { figures } from './figures.ts'
import { summary, terminalMap, terminalTable } from './report.ts'
import { open } from './session.ts'
import { type Result, study } from './study.ts'

/** The study of the shipped model on an engine. */
export async function run(engine: string, sequences: number): Promise<Result> {
  const loaded = await load('induction-2l8h')
  const session = await open(loaded, engine)
  try {
    return await study(loaded, session, sequences)
  } finally {
    await session.close()
  }
}

/** Writes the numbers and draws the pictures. */
export async function write(folder: string, result: Result): Promise<void> {
  ensureFolder(folder)
  writeAtomic(`${folder}/result.json`, `${JSON.stringify({ ...result, summary: summary(result) }, null, 1)}\n`)
  for (const [name, spec] of Object.entries(figures(result))) {
    const svg = await renderSvg(spec)
    writeAtomic(`${folder}/${name}.svg`, svg)
    writeAtomic(`${folder}/${name}.png`, png(svg))
  }
}

/** Twice as large as drawn, in a sans-serif face that is there where Helvetica and Arial are not. */
function png(svg: string): Uint8Array {
  const font = { defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' }
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng()
}

/** `run.js [--engine onnxruntime|wasm|…] [--sequences 1000] [--out out/examples/ablation-study]` */
async function program(args: readonly string[]): Promise<void> {
  const { engine, sequences, out } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'onnxruntime' },
      sequences: { type: 'string', default: '1000' },
      out: { type: 'string', default: 'out/examples/ablation-study' },
    },
  }).values
  const started = performance.now()
  const result = await run(engine, Number(sequences))
  const seconds = (performance.now() - started) / 1000
  console.log(`${terminalMap(result)}\n\n${terminalTable(result)}\n`)
  console.log(`${result.engine}: ${result.sequences} sequences, ${seconds.toFixed(1)} s`)
  await write(out, result)
  console.log(`${out}/{pairs,interactions,alone}.{svg,png}, ${out}/result.json`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await program(process.argv.slice(2))
