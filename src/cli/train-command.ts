import { Command } from 'commander'
import type { Io } from './io.ts'
export function trainCommand(_io: Io): Command {
  return new Command('train')
}
