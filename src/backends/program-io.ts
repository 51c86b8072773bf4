import type { FloatArray, NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { pointOf } from '../graph/build.ts'
import type { Feed, InputNode } from '../graph/node.ts'
import type { Program } from './backend.ts'

/** Values of parameters and optimiser state, by input name. */
export type State = Readonly<Record<string, FloatArray>>

/** Whether a run leaves a value in this input that the next one starts from. */
function isState({ feeder }: InputNode): boolean {
  return feeder === 'parameter' || feeder === 'state'
}

/** Writes a program's inputs that have a feed, with its values or with those `given` by name. */
export function feedersOf(program: Program): (step: number, given?: ReadonlyMap<string, Feed>) => void {
  const fed = [...inputViews(program).values()].filter(({ node }) => node.feed !== undefined)
  return (step, given) => {
    for (const { node, view } of fed) view.set((given?.get(node.name) ?? (node.feed as Feed))(step))
  }
}

/** The live views of a program's inputs, by name. */
export function inputViews(program: Program): Map<string, { node: InputNode; view: NumberArray }> {
  return new Map(
    program.graph.nodes.flatMap((node, id) =>
      node.kind === 'input' ? [[node.name, { node, view: program.view(id) }]] : [],
    ),
  )
}

/**
 * Writes named arrays into a program's inputs; arrays that this graph does not read are ignored.
 *
 * @throws OpsinError `SHAPE` when an array does not fit its input.
 */
export function writeInputs(inputs: ReturnType<typeof inputViews>, values: Readonly<Record<string, Tensor>>): void {
  for (const name in values) {
    const input = inputs.get(name)
    if (input === undefined) continue
    const { data, shape } = values[name]
    if (data.length !== input.view.length) {
      throw new OpsinError('SHAPE', {
        where: `input "${name}"`,
        expected: showShape(input.node.shape),
        got: showShape(shape),
      })
    }
    input.view.set(data)
  }
}

/** Copies of the parameters and the optimiser's state. */
export function readState(program: Program): Record<string, FloatArray> {
  const state: Record<string, FloatArray> = {}
  for (const [name, { node, view }] of inputViews(program)) {
    if (isState(node)) state[name] = view.slice() as FloatArray
  }
  return state
}

/** Writes parameters and optimiser state; missing values start at zero. */
export function writeState(program: Program, state: State): void {
  for (const [name, { node, view }] of inputViews(program)) {
    if (!isState(node)) continue
    const values = state[name]
    if (values === undefined) view.fill(0)
    else if (values.length === view.length) view.set(values)
    else {
      throw new OpsinError('SHAPE', {
        where: `state "${name}"`,
        expected: `${sizeOf(node.shape)} values`,
        got: String(values.length),
      })
    }
  }
}

/** A copy of a point's value. */
export function readPoint(program: Program, name: string, axes?: readonly string[]): Tensor {
  const id = pointOf(program.graph, name)
  return tensor(program.graph.nodes[id].shape, program.view(id).slice() as NumberArray, axes)
}

/** The first named value, in the order of computation, that holds NaN or infinity. */
export function firstNotFinite(program: Program): string | undefined {
  // Of several names for one value, the hook point's comes first.
  const names = new Map(
    Object.entries(program.graph.points)
      .map(([name, id]) => [id, name] as const)
      .reverse(),
  )
  for (const [id, name] of [...names].sort(([a], [b]) => a - b)) {
    if (program.graph.nodes[id].kind === 'op' && !program.view(id).every(Number.isFinite)) return name
  }
  return undefined
}
