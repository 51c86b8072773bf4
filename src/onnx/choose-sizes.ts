import type { Sizes } from '../architectures/define.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { PassName } from '../graph/passes/index.ts'
import { type FreeSizes, findFreeSizes } from './free-sizes.ts'
import { type AtSizes, otherOps } from './size-lines.ts'

/** The passes that choose the cheaper form by sizes: a file with free sizes gives the same results without them. */
const bySize: readonly PassName[] = ['table-rows', 'reassociate']

/**
 * The sizes that a file leaves free, and the passes that it does without for it.
 *
 * @param wished the sizes that must be free (all that can be, if not given), and those that must not.
 * @throws OpsinError `NAME` for a size that the model does not have, `VALUE` naming the ops for one that cannot be free.
 */
export function chooseSizes(
  sizes: Sizes,
  { free: wanted, hold }: { readonly free?: readonly string[]; readonly hold: readonly string[] },
  at: (sizes: Sizes, without: readonly PassName[]) => AtSizes,
): { readonly free: FreeSizes; readonly without: readonly PassName[] } {
  const names = (wanted ?? Object.keys(sizes)).filter((name) => !hold.includes(name))
  for (const name of [...names, ...hold]) {
    if (!Object.hasOwn(sizes, name)) throw unknownName('exportOnnx', 'a size of this model', name, Object.keys(sizes))
  }
  const trial = (without: readonly PassName[]) => ({
    free: findFreeSizes(
      sizes,
      names,
      onceForEach((own) => at(own, without)),
    ),
    without,
  })
  // Errors of the model and the interventions must name the sizes that were asked for.
  at(sizes, [])
  const first = trial([])
  const chosen = Object.values(first.free.fixed).some((why) => why.includes(otherOps)) ? trial(bySize) : first
  const [refused] = wanted === undefined ? [] : Object.entries(chosen.free.fixed)
  if (refused !== undefined) throw cannotBeFree(...refused)
  return chosen
}

function cannotBeFree(name: string, ops: readonly string[]): OpsinError {
  return new OpsinError('VALUE', {
    where: `exportOnnx: free: ${name}`,
    expected: 'ops whose ONNX form is the same at every size',
    got: ops.slice(0, 8).join(', ') + (ops.length > 8 ? ` and ${ops.length - 8} more` : ''),
    hint: 'Leave it out of `free`: the file then holds the size that it is exported at.',
  })
}

/** Each sizes once. */
function onceForEach<T>(at: (sizes: Sizes) => T): (sizes: Sizes) => T {
  const known = new Map<string, T>()
  return (sizes) => {
    const key = JSON.stringify(sizes)
    const value = known.get(key) ?? at(sizes)
    known.set(key, value)
    return value
  }
}
