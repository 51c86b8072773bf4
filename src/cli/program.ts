import { Command, CommanderError } from 'commander'
import { version } from '../core/version.ts'
import { exportCommand } from './export-command.ts'
import type { Io } from './io.ts'
import { interrupted } from './io.ts'
import { replayCommand } from './replay-command.ts'
import { reproduceCommand } from './reproduce-command.ts'
import { schemaCommand } from './schema-command.ts'
import { trainCommand } from './train-command.ts'

/**
 * Runs the command line and gives its exit status: 0 done, 1 failed (one line on stderr says why), 2 used wrongly, 130
 * interrupted.
 *
 * @param argv what follows the program's name.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status = 0
  const settle = (code: number) => {
    status = code
  }
  const program = new Command('opsin')
    .version(version)
    .description('Activation clamping in transformers, at inference and at any step of training.')
    .showHelpAfterError('(opsin --help says how)')
  const all = [reproduceCommand, replayCommand, trainCommand, exportCommand, schemaCommand]
  const commands = all.map((command) => command(io, settle))
  for (const command of [program, ...commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
  }
  for (const command of commands) program.addCommand(command)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (io.signal.aborted) {
      io.stderr.write('opsin: stopped\n')
      return interrupted
    }
    io.stderr.write(`opsin: ${oneLine(error)}\n`)
    return 1
  }
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\s*\n\s*/g, ' ')
}
