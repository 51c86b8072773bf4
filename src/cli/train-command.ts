import { basename, dirname, extname, join } from 'node:path'
import { Command } from 'commander'
import { type AssembledRun, aRun, assemble, parseJson } from '../config/index.ts'
import { terminalChart } from '../figures/terminal-chart.ts'
import { hashInterventions } from '../interventions/index.ts'
import { readText } from '../io/node/files.ts'
import type { TrainingRun } from '../train/run.ts'
import { training } from '../train/training.ts'
import { filesIn } from '../workers/surroundings.ts'
import { withFolder } from './folder.ts'
import type { Io } from './io.ts'
import { type Progress, showProgress } from './progress.ts'
import { mainProbe, RunFiles } from './run-files.ts'
import { type LogHeader, RunLog } from './run-log.ts'

interface Flags {
  readonly out?: string
  readonly resume?: true
}

/** `opsin train` */
export function trainCommand(io: Io): Command {
  return new Command('train')
    .description('train any model on any task under any interventions')
    .argument('<config>', 'a JSON file that says which')
    .option('--out <dir>', "folder for the run's files (default: out/ and the config's name)")
    .option('--resume', 'go on from the last checkpoint in the folder, if there is one')
    .action((config: string, { out, resume }: Flags) =>
      train(config, out ?? join('out', basename(config, extname(config))), resume === true, io),
    )
}

async function train(path: string, folder: string, resume: boolean, io: Io): Promise<void> {
  const assembled = await read(path)
  const files = new RunFiles(folder)
  const run = await withFolder(folder, () => follow(assembled, files, resume, io))
  io.stdout.write(`${chartOf(run, io)}${run.sequences} sequences in ${run.steps} steps. Written to ${folder}.\n`)
}

/** The main probe on each evaluation set. */
function chartOf(run: TrainingRun, { colors }: Io): string {
  const probe = mainProbe(run)
  if (probe === undefined) return ''
  const name = `${probe[0].toUpperCase()}${probe.slice(1)}`
  return `${terminalChart(run, { probe, title: `${name} (${run.engine})`, colors })}\n\n`
}

/** The run that a configuration describes; files it names are looked for beside it. */
function read(path: string): Promise<AssembledRun> {
  const config = parseJson(aRun, readText(path), path)
  return assemble(config, filesIn(dirname(path)))
}

/** Trains, and keeps log, checkpoints and results in step with the training. */
async function follow(
  { model, task, options }: AssembledRun,
  files: RunFiles,
  resume: boolean,
  io: Io,
): Promise<TrainingRun> {
  if (!resume) files.requireNoRun()
  files.sweep()
  const checkpoint = resume ? files.readCheckpoint() : undefined
  const events = training(model, task, {
    ...options,
    signal: io.signal,
    ...(checkpoint === undefined ? {} : { resume: checkpoint }),
  })
  const header = headerOf({ model, task, options })
  const progress = await showProgress(io.stderr, ['training'], options.sequences)
  let log: RunLog | undefined
  try {
    for (;;) {
      const next = await events.next()
      if (next.done) {
        await files.writeResults(next.value, io.signal)
        progress.finish('training', 'done')
        return next.value
      }
      const event = next.value
      // The first event comes once everything has been checked, before anything is computed.
      log ??= checkpoint === undefined ? RunLog.start(files.log, header) : RunLog.resume(files.log, header, checkpoint)
      log.write(event)
      if (event.type === 'checkpoint') files.writeCheckpoint(event.checkpoint)
      if (event.type === 'progress') report(progress, event)
    }
  } finally {
    progress.stop()
  }
}

function report(
  progress: Progress,
  { sequences, loss, msPerStep }: { sequences: number; loss: number; msPerStep: number },
) {
  progress.update('training', sequences, `loss ${loss.toFixed(3)}, ${msPerStep.toFixed(2)} ms a step`)
}

function headerOf({ model, task, options }: AssembledRun): LogHeader & Readonly<Record<string, unknown>> {
  return {
    format: 'opsin-log',
    version: 1,
    model: { architecture: model.architecture, ...model.config },
    task: { name: task.name, ...task.config },
    interventions: hashInterventions(options.interventions ?? []),
    seed: options.seed ?? 5,
  }
}
