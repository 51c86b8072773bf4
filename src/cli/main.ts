#!/usr/bin/env node
import { main } from './program.ts'

const controller = new AbortController()
// The first Ctrl-C stops cleanly; the second one finds no listener and ends the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
// The reader of our output may stop reading (`opsin … | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
// Nobody is left to be told how it goes; that is no reason to stop.
process.stderr.on('error', () => {})

const { FORCE_COLOR, NO_COLOR } = process.env
process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  colors: FORCE_COLOR === undefined ? process.stdout.isTTY === true && !NO_COLOR : FORCE_COLOR !== '0',
  worker: new URL('./worker.js', import.meta.url),
})
