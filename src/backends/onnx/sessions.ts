import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { OpsinError } from '../../core/errors.ts'
import { type OrtSession, type Runtime, wordsOf } from './ort.ts'

/** A session that programs share. */
export interface SharedSession {
  readonly session: OrtSession
}

/** Sessions of ONNX Runtime, one a graph: weights are inputs, so that no change of theirs takes another. */
export class Sessions {
  /** They live as long as some program has them. */
  readonly #known = new Map<string, WeakRef<SharedSession>>()
  readonly #dead = new FinalizationRegistry<{ key: string; session: OrtSession }>(({ key, session }) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key)
    session.release().catch(() => {})
  })

  constructor(
    readonly runtime: Runtime,
    readonly threads: number,
  ) {}

  /** @throws OpsinError `ENGINE` for a graph that the runtime does not take. */
  async of(model: Uint8Array): Promise<SharedSession> {
    const key = bytesToHex(sha256(model))
    const known = this.#known.get(key)?.deref()
    if (known !== undefined) return known
    const session = await this.#create(model)
    const shared = { session }
    this.#known.set(key, new WeakRef(shared))
    this.#dead.register(shared, { key, session })
    return shared
  }

  async #create(model: Uint8Array): Promise<OrtSession> {
    const { module, providers, threads, package: name } = this.runtime
    const options = { executionProviders: [...providers], logSeverityLevel: 4, ...threads(this.threads) }
    try {
      return await module.InferenceSession.create(model, options)
    } catch (cause) {
      throw new OpsinError('ENGINE', { where: name, expected: 'a graph that it can run', got: wordsOf(cause), cause })
    }
  }
}
