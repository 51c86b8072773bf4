import type { NativeBackend } from '../../src/backends/backend.ts'
import { type EngineName, engine } from '../../src/backends/index.ts'

/** An engine that computes while its caller waits, in an arena that can be looked at. */
export async function nativeEngine(name: EngineName): Promise<NativeBackend> {
  return (await engine(name)) as NativeBackend
}
