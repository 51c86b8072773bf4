import type { Backend } from '../backends/backend.ts'
import {
  feedersOf,
  firstNotFinite,
  inputViews,
  readState,
  type State,
  writeInputs,
  writeState,
} from '../backends/program-io.ts'
import { OpsinError } from '../core/errors.ts'
import type { Feed, Graph } from '../graph/node.ts'
import { allFinite, type InputArrays, requireFiniteInputs } from './inputs.ts'

interface Computation {
  readonly backend: Backend
  readonly graph: Graph
  readonly state: State
  readonly inputs: InputArrays
  /** For inputs that are functions of the step; default the first. */
  readonly step?: number
  /** Values of interventions that are inputs. */
  readonly given?: ReadonlyMap<string, Feed>
}

/** Throws OpsinError `NOT_FINITE` naming the first parameter, or part of the optimiser's state, that is not finite. */
export function requireFiniteState(state: State): void {
  const bad = Object.keys(state).find((name) => !allFinite(state[name]))
  if (bad === undefined) return
  throw new OpsinError('NOT_FINITE', {
    where: bad,
    expected: 'finite numbers',
    got: 'NaN or infinity',
    hint: 'In training, try a lower learning rate: a new run, from the start or with the parameters of a checkpoint.',
  })
}

/**
 * The error for a computation that gave NaN or infinity: it names the input or parameter that has them, or else the
 * point that went bad first. To find it, the run is computed once more with every value kept.
 */
export async function notFinite({ backend, graph, state, inputs, step = 0, given }: Computation): Promise<unknown> {
  const program = await backend.load(graph)
  writeState(program, state)
  writeInputs(inputViews(program), inputs)
  feedersOf(program)(step, given)
  try {
    requireFiniteInputs(inputs)
    requireFiniteState(readState(program))
  } catch (error) {
    return error
  }
  await program.compute()
  return new OpsinError('NOT_FINITE', {
    where: firstNotFinite(program) ?? 'loss',
    expected: 'finite numbers',
    got: 'NaN or infinity, there first',
    hint: 'Look at the parameters, inputs and interventions before this point; in training, at the learning rate.',
  })
}
