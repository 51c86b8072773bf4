import type { Output } from './io.ts'

/** Shows how far several things are. */
export interface Progress {
  update(name: string, done: number, note: string): void
  finish(name: string, note: string): void
  stop(): void
}

/** A bar each where someone is looking; elsewhere (CI, a file) a line for each that ends. */
export async function showProgress(output: Output, names: readonly string[], total: number): Promise<Progress> {
  return output.isTTY === true ? bars(output, names, total) : lines(output)
}

function lines(output: Output): Progress {
  return {
    update() {},
    finish: (name, note) => void output.write(`${name}: ${note}\n`),
    stop() {},
  }
}

async function bars(output: Output, names: readonly string[], total: number): Promise<Progress> {
  const { default: cliProgress } = await import('cli-progress')
  const width = Math.max(...names.map((name) => name.length))
  const multi = new cliProgress.MultiBar(
    {
      stream: output as NodeJS.WritableStream,
      format: `{name} {bar} {percentage}% {note}`,
      barsize: 30,
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
    },
    cliProgress.Presets.shades_grey,
  )
  const all = new Map(
    names.map((name) => [name, multi.create(total, 0, { name: name.padEnd(width), note: 'waiting' })]),
  )
  return {
    update: (name, done, note) => all.get(name)?.update(Math.min(done, total), { note }),
    finish: (name, note) => all.get(name)?.update(total, { note }),
    stop: () => multi.stop(),
  }
}
