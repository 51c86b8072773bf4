import { basename, dirname, join } from 'node:path'
import { Command } from 'commander'
import type { Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { interventionsFrom } from '../interventions/index.ts'
import { readJson } from '../io/json.ts'
import { readText, writeAtomic } from '../io/node/files.ts'
import { exportOnnx, inspectOnnx, type OnnxFile, type OnnxValue } from '../onnx/index.ts'
import { listed, sizes, whole } from './arguments.ts'
import { type ExportSource, exportSource } from './export-source.ts'
import type { Io } from './io.ts'

interface Flags {
  readonly out: string
  readonly hooks: readonly string[]
  readonly gates: readonly string[]
  readonly interventions?: string
  readonly batch?: number
  readonly sizes?: Sizes
}

/** `opsin export` */
export function exportCommand(io: Io): Command {
  return new Command('export')
    .description('write a model as an ONNX file, with hook points that can be read and, on request, written')
    .argument('<model>', 'folder of a run, a checkpoint, or the name of a model that comes with opsin')
    .requiredOption('--out <file>', 'where the file goes')
    .option('--hooks <names>', 'hook points that the file gives besides the logits, with commas between', listed, [])
    .option('--gates <names>', 'hook points that can be written when the file runs', listed, [])
    .option('--interventions <file>', 'a JSON file with interventions that become part of the file')
    .option('--batch <n>', 'hold the batch at this size (default: every run has its own)', whole(1))
    .option('--sizes <list>', 'sizes to export at, as batch=1,length=64 (default: those of the task)', sizes)
    .action(async (name: string, flags: Flags) => write(await exportSource(name), flags, io))
}

function write({ model, parameters, task, sizes: own }: ExportSource, flags: Flags, io: Io): void {
  const { out, hooks, gates, batch } = flags
  const sizes = { ...own, ...flags.sizes, ...(batch === undefined ? {} : { batch }) }
  if (own === undefined && flags.sizes === undefined) throw unknownSizes(task.name)
  const file = exportOnnx(model, parameters, {
    hooks,
    gates,
    interventions: flags.interventions === undefined ? [] : interventionsIn(flags.interventions),
    sizes,
    task,
    externalName: `${basename(out)}.data`,
    ...(batch === undefined ? {} : { hold: ['batch'] }),
  })
  writeAtomic(out, file.bytes)
  const { externalData } = file
  if (externalData !== undefined) writeAtomic(join(dirname(out), externalData.location), externalData.bytes)
  io.stdout.write(`${summary(file, out)}\n`)
}

function interventionsIn(path: string) {
  const list = readJson(readText(path), path)
  return interventionsFrom(list as Parameters<typeof interventionsFrom>[0])
}

/** The file's inputs and outputs, in lines. */
function summary({ bytes, externalData, free, fixed }: OnnxFile, out: string): string {
  const { inputs, outputs, opsin } = inspectOnnx(bytes, {
    externalData: externalData === undefined ? {} : { [externalData.location]: externalData.bytes },
  })
  const gates = opsin?.gates ?? []
  const ofGates = new Set(gates.flatMap((gate) => [`${gate}.gate`, `${gate}.mask`, `${gate}.value`]))
  const beside =
    externalData === undefined ? '' : `, and ${sizeOf(externalData.bytes)} beside it in ${externalData.location}`
  const lines = [
    `${out}: ${sizeOf(bytes)}${beside}`,
    `  takes ${inputs
      .filter(({ name }) => !ofGates.has(name))
      .map(show)
      .join(', ')}`,
    `  gives ${outputs.map(show).join(', ')}`,
    ...(gates.length === 0 ? [] : [`  gates ${gates.join(', ')}`]),
    ...(free.length === 0 ? [] : [`  every run has its own ${free.join(', ')}`]),
    ...Object.entries(fixed).map(
      ([name, why]) => `  ${name} is held at ${opsin?.sizes[name]}: ${why.slice(0, 3).join(', ')}`,
    ),
  ]
  return lines.join('\n')
}

function show({ name, type, dims }: OnnxValue): string {
  return `${name} ${type} [${(dims ?? []).join(', ')}]`
}

function sizeOf({ length }: Uint8Array): string {
  return length < 1e6 ? `${Math.ceil(length / 1e3)} kB` : `${(length / 1e6).toFixed(1)} MB`
}

function unknownSizes(task: string): OpsinError {
  return new OpsinError('VALUE', {
    where: 'export',
    expected: 'sizes to export at',
    got: `a task, ${task}, that a configuration cannot name`,
    hint: 'Say them: --sizes batch=1,length=64.',
  })
}
