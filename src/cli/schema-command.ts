import { Command } from 'commander'
import { runSchema } from '../config/index.ts'
import { exportsOf } from '../workers/load-module.ts'
import type { Io } from './io.ts'

interface Flags {
  readonly module?: readonly string[]
}

/** `opsin schema` */
export function schemaCommand(io: Io): Command {
  return new Command('schema')
    .description('print the JSON schema of a configuration of opsin train, for editors and other programs')
    .option('--module <file...>', 'modules that it may name: the schema then has what they export, and nothing else')
    .action(async ({ module: paths = [] }: Flags) => {
      const exports = await Promise.all(paths.map(exportsOf))
      io.stdout.write(`${JSON.stringify(runSchema(exports), null, 2)}\n`)
    })
}
