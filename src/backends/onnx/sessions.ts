import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { OpsinError } from '../../core/errors.ts'
import { type OrtSession, openSession, type Runtime, wordsOf } from './ort.ts'

/** A session that programs share. */
export interface SharedSession {
  readonly session: OrtSession
  /** Memory of the runtime's, which JavaScript does not see: without something in its place nobody would collect in time. */
  readonly weight: ArrayBuffer
}

/** About what a session takes besides weights, which are inputs. Pages that nobody touches take nothing. */
const WEIGHT = 2 ** 21

type Known = Map<string, WeakRef<SharedSession>>

/** For the whole process: a registry that is collected itself, as that of an engine would be, never calls. */
const dead = new FinalizationRegistry<{ known: Known; key: string; session: OrtSession }>(({ known, key, session }) => {
  if (known.get(key)?.deref() === undefined) known.delete(key)
  session.release().catch(() => {})
})

/** Sessions of ONNX Runtime, one a graph: weights are inputs, so that no change of theirs takes another. */
export class Sessions {
  /** They live as long as some program has them. */
  readonly #known: Known = new Map()

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
    const shared = { session, weight: new ArrayBuffer(WEIGHT) }
    this.#known.set(key, new WeakRef(shared))
    dead.register(shared, { known: this.#known, key, session })
    return shared
  }

  async #create(model: Uint8Array): Promise<OrtSession> {
    const { runtime, threads } = this
    try {
      return await openSession(runtime, model, { threads })
    } catch (cause) {
      throw new OpsinError('ENGINE', {
        where: runtime.package,
        expected: 'a graph that it can run',
        got: wordsOf(cause),
        cause,
      })
    }
  }
}
