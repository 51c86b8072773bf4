import type { State } from '../backends/program-io.ts'
import { canonicalJson, stableHash } from '../core/canonical.ts'
import { OpsinError } from '../core/errors.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { version } from '../core/version.ts'
import type { Receipt } from '../inference/receipts.ts'
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts'
import type { EvaluationRecord } from './evaluate.ts'

/** The version of the checkpoint form that this opsin writes and reads. */
export const checkpointVersion = 1

/**
 * What a run is, as JSON: everything that decides its numbers. Two runs with equal identities are the same run, bit for
 * bit.
 */
export interface RunIdentity {
  readonly model: Readonly<Record<string, unknown>>
  readonly task: Readonly<Record<string, unknown>>
  readonly optimizer: Readonly<Record<string, unknown>>
  readonly interventions: readonly unknown[]
  readonly batch: number
  readonly seed: number
  readonly engine: string
  /** SHA-256 of the parameters it started from, where they were given. */
  readonly initial?: string
  /** Passes over the graph that were left out, where some were: they may round otherwise. */
  readonly without?: readonly string[]
}

/** A run at one step: all it needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly identity: RunIdentity
  readonly step: number
  /** Parameters (with their shapes) and the optimiser's state. */
  readonly state: Readonly<Record<string, Tensor>>
  /** Evaluations so far. */
  readonly records: readonly EvaluationRecord[]
  readonly receipts: readonly Receipt[]
}

const FORMAT = 'opsin-checkpoint'

/**
 * A checkpoint as a safetensors file: parameters and optimiser state as tensors, the rest as canonical JSON in the
 * header. Equal checkpoints give equal bytes; nothing in them tells the time.
 *
 * @example
 * import { decodeCheckpoint, encodeCheckpoint, train, attentionOnly, fewShot } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const run = await train(model, fewShot({ classes: 20, labels: 5 }), { sequences: 64 })
 * const again = decodeCheckpoint(encodeCheckpoint(run.checkpoint))
 * console.assert(again.step === 2)
 */
export function encodeCheckpoint({ state, ...header }: Checkpoint): Uint8Array {
  return writeSafetensors(state, {
    format: FORMAT,
    version: String(checkpointVersion),
    opsin: version,
    interventions: stableHash(header.identity.interventions),
    run: canonicalJson(header),
  })
}

/**
 * The checkpoint that the bytes hold.
 *
 * @param source what to call the bytes in errors, e.g. a path.
 * @throws OpsinError `FORMAT` for bytes that are no checkpoint of this version.
 * @example
 * import { decodeCheckpoint } from 'opsin'
 * try {
 *   decodeCheckpoint(new Uint8Array(8), 'run.safetensors')
 * } catch (error) {
 *   console.assert(String(error).includes('run.safetensors'))
 * }
 */
export function decodeCheckpoint(bytes: Uint8Array, source = 'checkpoint'): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, source)
  if (metadata?.format !== FORMAT || metadata.version !== String(checkpointVersion)) {
    throw broken(
      source,
      `a checkpoint of version ${checkpointVersion}`,
      `${metadata?.format ?? 'other tensors'} ${metadata?.version ?? ''}`,
    )
  }
  const header = parse(metadata.run, source)
  if (!isWhole(header)) {
    throw broken(source, 'identity, step, records and receipts in its header', Object.keys(header).join(', '))
  }
  const { identity, step, records, receipts } = header
  return { identity, step, records, receipts, state: tensors }
}

function isWhole(header: Partial<Checkpoint>): header is Checkpoint {
  const { identity, step, records, receipts } = header
  const isObject = typeof identity === 'object' && identity !== null && !Array.isArray(identity)
  return isObject && Number.isInteger(step) && Number(step) >= 0 && Array.isArray(records) && Array.isArray(receipts)
}

/**
 * Throws unless the checkpoint is one of the run it is to go on with.
 *
 * @throws OpsinError `CHECKPOINT` naming the first part that differs.
 */
export function requireSameRun(checkpoint: Checkpoint, identity: RunIdentity): void {
  for (const key of new Set([...Object.keys(identity), ...Object.keys(checkpoint.identity)])) {
    const [mine, theirs] = [identity, checkpoint.identity].map((of) => canonicalJson(of[key as keyof RunIdentity]))
    if (mine === theirs) continue
    throw new OpsinError('CHECKPOINT', {
      where: `resume at step ${checkpoint.step}: ${key}`,
      expected: shorten(theirs),
      got: shorten(mine),
      hint: 'A checkpoint resumes only the run that wrote it; to start another from its weights, give them as parameters.',
    })
  }
}

/** State with the shapes of the parameters; optimiser state is flat. */
export function shapedState(state: State, shapes: ReadonlyMap<string, readonly number[]>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(state).map(([name, data]) => [name, tensor(shapes.get(name) ?? [data.length], data)]),
  )
}

function parse(text: string | undefined, source: string): Partial<Checkpoint> {
  try {
    return JSON.parse(text ?? '') ?? {}
  } catch (cause) {
    throw new OpsinError('FORMAT', { where: source, expected: 'JSON about the run in its header', got: 'none', cause })
  }
}

function broken(source: string, expected: string, got: string): OpsinError {
  return new OpsinError('FORMAT', { where: source, expected, got })
}

function shorten(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`
}
