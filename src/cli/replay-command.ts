import Table from 'cli-table3'
import { Command } from 'commander'
import type { EngineRequest } from '../backends/index.ts'
import { type ReplayReport, replay } from '../reproduce/replay.ts'
import { engineOption, whole } from './arguments.ts'
import type { Io } from './io.ts'
import { showProgress } from './progress.ts'
import { readRecording } from './read-recording.ts'

interface Flags {
  readonly engine?: EngineRequest
  readonly steps?: number
  readonly json?: true
}

/** `opsin replay` */
export function replayCommand(io: Io, settle: (status: number) => void): Command {
  return new Command('replay')
    .description("run a recording of the authors' own code again, step for step, and say how far off opsin is")
    .argument('<dir>', 'folder of the recording')
    .addOption(engineOption())
    .option('--steps <n>', 'how many of its steps', whole(1))
    .option('--json', 'print the report as one JSON object')
    .action(async (folder: string, flags: Flags) => {
      const report = await run(folder, flags, io)
      io.stdout.write(`${flags.json ? JSON.stringify(report) : show(report)}\n`)
      settle(report.holds ? 0 : 1)
    })
}

async function run(folder: string, { engine, steps }: Flags, io: Io): Promise<ReplayReport> {
  const recording = readRecording(folder)
  const { name } = recording.header
  const progress = await showProgress(io.stderr, [name], 100)
  try {
    return await replay(recording, {
      ...(engine === undefined ? {} : { engine }),
      ...(steps === undefined ? {} : { steps }),
      signal: io.signal,
      onStep: (step, of) => {
        if (step % 50 === 0 || step === of)
          progress.update(name, Math.floor((100 * step) / of), `step ${step} of ${of}`)
      },
    })
  } finally {
    progress.stop()
  }
}

function show({ name, engine, twin, steps, deviations, holds }: ReplayReport): string {
  const table = new Table({
    head: ['largest deviation of', '', 'at', 'may be', ''],
    style: { head: [], border: [], compact: true },
  })
  for (const { of, largest, where, tolerance } of deviations) {
    const within = largest <= tolerance
    table.push([of, largest.toExponential(1), where, tolerance.toExponential(0), within ? 'holds' : 'does not hold'])
  }
  const verdict = holds ? 'all within tolerance' : 'beyond tolerance'
  return `${name}: ${steps} steps on ${engine} against the ${twin} recording, ${verdict}\n${table}`
}
