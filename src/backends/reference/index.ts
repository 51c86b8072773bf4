import type { Precision } from '../../core/dtype.ts'
import { pointOf } from '../../graph/build.ts'
import { plan } from '../../graph/plan.ts'
import { allocate, type Bind, programOver } from '../arena.ts'
import type { NativeBackend } from '../backend.ts'

/**
 * The backend that says what is right: every op's own `forward`, in plain TypeScript, slow on purpose. In f64 it is
 * what gradients are checked in; in f32 it rounds once per stored element.
 */
export function referenceBackend(precision: Precision): NativeBackend {
  const name = precision === 'f64' ? 'reference' : 'reference-f32'
  return {
    name,
    precision,
    load(graph, { keep, guard, profile } = {}) {
      const planned = plan(graph, precision, { keep: keep?.map((name) => pointOf(graph, name)), guard })
      const bind: Bind = (node, call, _, { out, inputs }) => {
        const { forward } = node.definition
        return () => forward(out, inputs, call)
      }
      const buffer = allocate(name, planned.bytes, () => new ArrayBuffer(planned.bytes))
      return programOver(planned, buffer, 0, bind, profile)
    },
  }
}
