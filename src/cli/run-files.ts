import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { breathe } from '../core/breath.ts'
import { canonicalJson } from '../core/canonical.ts'
import { OpsinError } from '../core/errors.ts'
import { clampWindows } from '../figures/clamp-windows.ts'
import { lossCurves } from '../figures/loss-curves.ts'
import { renderSvg } from '../figures/render-svg.ts'
import { readBytes, writeAtomic } from '../io/node/files.ts'
import { writeSafetensors } from '../io/safetensors.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../train/checkpoint.ts'
import { curve, type TrainingRun } from '../train/run.ts'

/** The files of a run in its folder. Each is written whole or not at all, and none tells the time. */
export class RunFiles {
  readonly log: string
  readonly #checkpoint: string

  constructor(readonly folder: string) {
    this.log = join(folder, 'log.jsonl')
    this.#checkpoint = join(folder, 'checkpoint.safetensors')
  }

  /** Takes away what a write that was cut short by the end of the process left behind. */
  sweep(): void {
    const ours = /^(log\.jsonl|run\.json|curve\.svg|(checkpoint|weights)\.safetensors)\.[\d-]+\.tmp$/
    for (const name of readdirSync(this.folder)) if (ours.test(name)) rmSync(join(this.folder, name), { force: true })
  }

  /** The last checkpoint, if there is one. @throws OpsinError `FORMAT` for one that is damaged. */
  readCheckpoint(): Checkpoint | undefined {
    if (!existsSync(this.#checkpoint)) return undefined
    return decodeCheckpoint(readBytes(this.#checkpoint), this.#checkpoint)
  }

  /** @throws OpsinError `IO` where another run would be lost. */
  requireNoRun(): void {
    if (!existsSync(this.#checkpoint)) return
    throw new OpsinError('IO', {
      where: this.folder,
      expected: 'a folder without a run',
      got: 'one with a checkpoint',
      hint: 'Go on with that run (--resume), or name another folder (--out).',
    })
  }

  writeCheckpoint(checkpoint: Checkpoint): void {
    writeAtomic(this.#checkpoint, encodeCheckpoint(checkpoint))
  }

  /** What a finished run leaves: weights, curve, and what happened. */
  async writeResults(run: TrainingRun, signal: AbortSignal): Promise<void> {
    const svg = await drawing(run)
    // Drawing keeps the thread: a Ctrl-C that came meanwhile is heard only now.
    await breathe(signal)
    writeAtomic(join(this.folder, 'weights.safetensors'), writeSafetensors(run.parameters))
    if (svg !== undefined) writeAtomic(join(this.folder, 'curve.svg'), svg)
    writeAtomic(join(this.folder, 'run.json'), `${JSON.stringify(sorted(summary(run)), null, 1)}\n`)
  }
}

/** The number that stands for a run: its loss, or else the first that was measured; nothing where there is none. */
export function mainProbe({ records }: Pick<TrainingRun, 'records'>): string | undefined {
  const numbers = records.flatMap(({ values }) =>
    Object.keys(values).filter((name) => typeof values[name] === 'number'),
  )
  return numbers.includes('loss') ? 'loss' : numbers[0]
}

/** A curve for each evaluation set, of the main probe; nothing for a run without any. */
async function drawing(run: TrainingRun): Promise<string | undefined> {
  const probe = mainProbe(run)
  if (probe === undefined) return undefined
  const sets = [...new Set(run.records.map(({ set }) => set))]
  const curves = Object.fromEntries(sets.map((set) => [set, curve(run, probe, set)]))
  return renderSvg(lossCurves(curves, { probe, bands: clampWindows(run) }))
}

function summary({ engine, steps, sequences, records, receipts, checkpoint }: TrainingRun): object {
  const final = records.filter(({ step }) => step === steps)
  return {
    format: 'opsin-run',
    version: 1,
    engine,
    steps,
    sequences,
    final: Object.fromEntries(final.map(({ set, values }) => [set, values])),
    receipts,
    identity: checkpoint.identity,
  }
}

/** With the keys of every object in order: records that went through a checkpoint have another one. */
function sorted(value: object): unknown {
  return JSON.parse(canonicalJson(value))
}
