import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import type { EngineRequest } from '../backends/index.ts'
import { breathe } from '../core/breath.ts'
import { renderSvg } from '../figures/render-svg.ts'
import { writeAtomic } from '../io/node/files.ts'
import { chart5b } from '../reproduce/chart-5b.ts'
import { conditionNames } from '../reproduce/conditions.ts'
import { type Figure5b, reproduceFigure5b } from '../reproduce/reproduce-5b.ts'
import { publishedLength, type Settings5b } from '../reproduce/run-condition.ts'
import { readFeatures } from '../workers/read-features.ts'
import { engineOption, whole } from './arguments.ts'
import { withFolder } from './folder.ts'
import type { Io } from './io.ts'
import { workerPool } from './pool.ts'
import { showProgress } from './progress.ts'
import { report5b } from './report-5b.ts'

interface Flags {
  readonly sequences: number
  readonly seed: number
  readonly features?: string
  readonly engine?: EngineRequest
  readonly workers: number
  readonly out: string
  readonly json?: true
}

/** `opsin reproduce figure-5b` */
export function reproduceCommand(io: Io): Command {
  return new Command('reproduce')
    .description('run a published figure again and say which of its claims hold')
    .addArgument(new Argument('<figure>', 'which one').choices(['figure-5b']))
    .option('--sequences <n>', 'how long to train', whole(1), publishedLength)
    .option('--features <file>', 'features to train on, .safetensors or .npy; without it the built-in ones')
    .option('--seed <n>', 'of the initial weights', whole(0), 5)
    .addOption(engineOption())
    .option('--workers <n>', 'threads', whole(1), Math.min(availableParallelism(), conditionNames.length))
    .option('--out <dir>', 'folder for figure-5b.svg and figure-5b.json', 'out/figure-5b')
    .option('--json', 'print the results as one JSON object')
    .action((_, flags: Flags) => reproduce(flags, io))
}

async function reproduce({ out, json, workers, ...flags }: Flags, io: Io): Promise<void> {
  const { sequences, seed, engine } = flags
  const settings: Settings5b = {
    sequences,
    seed,
    ...(engine === undefined ? {} : { engine }),
    ...(flags.features === undefined ? {} : { features: readFeatures(flags.features) }),
  }
  await withFolder(out, async () => {
    const figure = await run(settings, workers, io)
    const document = { conditions: figure.conditions, claims: figure.claims }
    const svg = await renderSvg(chart5b(figure))
    // Drawing keeps the thread: a Ctrl-C that came meanwhile is heard only now.
    await breathe(io.signal)
    writeAtomic(join(out, 'figure-5b.svg'), svg)
    writeAtomic(join(out, 'figure-5b.json'), `${JSON.stringify(document, null, 1)}\n`)
    if (json) io.stdout.write(`${JSON.stringify(document)}\n`)
    else
      io.stdout.write(
        `${report5b(figure, io)}\n\nWritten: ${join(out, 'figure-5b.svg')}, ${join(out, 'figure-5b.json')}\n`,
      )
  })
}

async function run(settings: Settings5b, workers: number, io: Io): Promise<Figure5b> {
  const pool = io.worker === undefined ? undefined : workerPool(io.worker, workers, io.signal)
  const progress = await showProgress(io.stderr, conditionNames, settings.sequences ?? publishedLength)
  try {
    return await reproduceFigure5b({
      ...settings,
      signal: io.signal,
      ...(pool === undefined ? {} : { run: pool.run }),
      onProgress: (name, sequences, loss) => progress.update(name, sequences, `loss ${loss.toFixed(3)}`),
      onDone: ({ name, curve, msPerStep }) =>
        progress.finish(name, `loss ${curve[curve.length - 1][1].toFixed(3)}, ${msPerStep.toFixed(2)} ms a step`),
    })
  } finally {
    progress.stop()
    await pool?.close()
  }
}
