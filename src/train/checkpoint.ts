import type { State } from '../backends/program-io.ts'
import { canonicalJson, stableHash } from '../core/canonical.ts'
import { requireObject, requireRecord } from '../core/check.ts'
import { OpsinError } from '../core/errors.ts'
import { requireKnownFields } from '../core/nearest.ts'
import { show } from '../core/show.ts'
import { requireTensor, type Tensor, tensor } from '../core/tensor.ts'
import { tensorsHash } from '../core/tensor-hash.ts'
import { version } from '../core/version.ts'
import type { Receipt } from '../inference/receipts.ts'
import { formatError } from '../io/format-error.ts'
import { readJson } from '../io/json.ts'
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts'
import { requireHeader } from './checkpoint-header.ts'
import type { EvaluationRecord } from './evaluate.ts'

/** The version of the checkpoint form that this opsin writes and reads. Version 1 had no checksum. */
export const checkpointVersion = 2

/**
 * The identity of a run, as JSON: everything that determines its numbers. Two runs with equal identities are the same run, bit for
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
  /** Compiler passes that were left out, if any: the run may round differently without them. */
  readonly without?: readonly string[]
}

/** A run at one step: everything needed to resume it. */
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
 * header, with a checksum over both. Equal checkpoints give equal bytes; they hold no time.
 *
 * @throws OpsinError `NOT_FINITE` for NaN or infinity anywhere in it: no run could resume from it. `FORMAT` for what is
 *   no checkpoint.
 * @example
 * import { decodeCheckpoint, encodeCheckpoint, train, attentionOnly, fewShot } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const run = await train(model, fewShot({ classes: 20, labels: 5 }), { sequences: 64 })
 * const again = decodeCheckpoint(encodeCheckpoint(run.checkpoint))
 * console.assert(again.step === 2)
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  requireCheckpoint(checkpoint, 'encodeCheckpoint')
  requireFinite(
    checkpoint,
    'Nothing was written, and the checkpoint before this one is still good. Try a lower learning rate.',
  )
  const { state, ...header } = checkpoint
  const metadata = {
    format: FORMAT,
    version: String(checkpointVersion),
    opsin: version,
    interventions: stableHash(header.identity.interventions),
    run: canonicalJson(header),
  }
  return writeSafetensors(state, { ...metadata, checksum: checksumOf(state, metadata) })
}

/** A checksum of the file's contents, not of their encoding. */
function checksumOf(tensors: Checkpoint['state'], metadata: Readonly<Record<string, string>>): string {
  return stableHash({ metadata, tensors: tensorsHash(tensors) })
}

/** Throws OpsinError for a value that is no checkpoint: `FORMAT`, or `NAME` for a field that none has; of its state as for tensors. */
export function requireCheckpoint(checkpoint: Checkpoint, where: string): void {
  requireHeader(checkpoint, where)
  requireKnownFields(where, 'a field of a checkpoint', checkpoint, ['identity', 'step', 'state', 'records', 'receipts'])
  requireState(checkpoint, where)
}

/** The tensors of a checkpoint. @throws OpsinError as for tensors, for what are none. */
export function requireState(checkpoint: Pick<Checkpoint, 'state'>, where: string): Checkpoint['state'] {
  const { state } = requireObject(where, checkpoint)
  const tensors = requireRecord(`${where}: state`, state, 'tensors by name') as Checkpoint['state']
  for (const [name, one] of Object.entries(tensors)) requireTensor(`${where}: ${show(name)}`, one)
  return tensors
}

/** Throws OpsinError `NOT_FINITE` for NaN and infinity anywhere in a checkpoint. */
export function requireFinite({ step, state, records, receipts }: Checkpoint, hint: string): void {
  const numbers: [string, ArrayLike<number>][] = [
    ...Object.entries(state).map(([name, { data }]): [string, ArrayLike<number>] => [`"${name}"`, data]),
    ...records.flatMap(({ step, set, values }) =>
      Object.entries(values).map(([name, value]): [string, number[]] => [
        `${name} of "${set}" at step ${step}`,
        [value].flat(),
      ]),
    ),
    ...receipts.map(({ index, largestChange }): [string, number[]] => [`receipts[${index}]`, [largestChange]]),
  ]
  const bad = numbers.find(([, values]) => !Array.prototype.every.call(values, Number.isFinite))
  if (bad === undefined) return
  throw new OpsinError('NOT_FINITE', {
    where: `checkpoint at step ${step}: ${bad[0]}`,
    expected: 'finite numbers',
    got: 'NaN or infinity',
    hint,
  })
}

/**
 * The checkpoint that the bytes hold.
 *
 * @param source the name of the bytes in errors, e.g. a path.
 * @throws OpsinError `FORMAT` for bytes that are no checkpoint of this version, or do not fit their checksum.
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
  requireVersion(metadata, source)
  const { checksum, ...rest } = metadata
  if (checksum !== checksumOf(tensors, rest)) {
    throw formatError(
      source,
      'contents that fit their checksum',
      'others',
      'The file was damaged after it was written.',
    )
  }
  const header = readJson(metadata.run ?? '', `${source}, about the run`)
  requireHeader(header, source)
  const { identity, step, records, receipts } = header
  return { identity: identity as RunIdentity, step, records, receipts, state: tensors }
}

function requireVersion({ format, version, opsin }: Readonly<Record<string, string>>, source: string): void {
  if (format === FORMAT && version === String(checkpointVersion)) return
  const isOld = format === FORMAT && Number(version) < checkpointVersion
  throw formatError(
    source,
    `a checkpoint of version ${checkpointVersion}`,
    format === undefined ? 'other tensors' : `${format} ${version}`,
    isOld ? `It has no checksum yet: go on with the opsin that wrote it (${opsin}), or start again.` : undefined,
  )
}

/**
 * Throws unless the checkpoint belongs to the run that resumes from it.
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

function shorten(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`
}
