import { referenceBackend } from '../backends/reference/index.ts'
import { seed as aSeed, check, optional, positive, type Rule, readOptions, text } from '../core/check.ts'
import type { NumberArray } from '../core/dtype.ts'
import { OpsinError } from '../core/errors.ts'
import { object } from '../core/fields.ts'
import { isNumberArray } from '../core/tensor.ts'
import { gradientName } from '../graph/address.ts'
import { GraphBuilder, parametersOf, pointOf } from '../graph/build.ts'
import { differentiate } from '../graph/differentiate.ts'
import type { Graph, NodeId } from '../graph/node.ts'
import { sampleValues } from './sample.ts'

export interface GradientCheckOptions {
  /** Decides the values, the projection and the directions. Default 0. */
  readonly seed?: number
  /** What to differentiate: the name of a point of any shape. Default `loss`. */
  readonly point?: string
  /** Values of inputs, by name. Floats that are not given are standard normal, integers 0. */
  readonly values?: Readonly<Record<string, ArrayLike<number>>>
  /** Largest relative error. Default 1e-7. */
  readonly tolerance?: number
}

/** How one parameter fared. Both derivatives are along the same random direction. */
export interface ParameterCheck {
  readonly name: string
  /** By the graph's own gradient. */
  readonly analytic: number
  /** By finite differences of the forward pass. */
  readonly numeric: number
  /** Their difference, relative to the sum of |gradient · direction| over the elements. */
  readonly error: number
}

export interface GradientReport {
  readonly parameters: readonly ParameterCheck[]
  /** The largest error. */
  readonly error: number
}

const table = {
  seed: optional(aSeed, 0),
  point: optional(text, 'loss'),
  values: optional(object as Rule<Readonly<Record<string, ArrayLike<number>>>>, {}),
  tolerance: optional(positive, 1e-7),
} satisfies Record<keyof GradientCheckOptions, Rule<any>>

const PROJECTION = '(projection)'
const PROJECTED = '(projected)'

/**
 * Compares the gradient of every parameter with finite differences, in 64-bit floats: the point's elements are summed
 * with random weights, and each parameter is moved along a random direction.
 *
 * Gradients that are a rule and not the derivative (an overwrite with `straight-through`, or the source of one with `block`) do
 * not pass, and should not.
 *
 * @param of a graph, or a function that builds one and gives the node to differentiate.
 * @throws OpsinError `GRADIENT` naming the first parameter whose gradient is wrong.
 * @example
 * import { checkGradient } from 'opsin/testing'
 * const { error } = checkGradient((builder) => {
 *   const weight = builder.input('weight', [3, 4], 'parameter')
 *   return builder.op('multiply', [weight, weight])
 * })
 * console.assert(error < 1e-9)
 */
export function checkGradient(
  of: Graph | ((builder: GraphBuilder) => NodeId),
  options: GradientCheckOptions = {},
): GradientReport {
  const { seed, point, values, tolerance } = readOptions('checkGradient', options, table)
  const forward = project(typeof of === 'function' ? built(of, point) : check('checkGradient', of, aGraph), point)
  const inputs = inputValues(forward, seed, values)
  const gradients = parameterGradients(forward, inputs)
  const lossAt = evaluator(forward, inputs)
  const checks = parametersOf(forward).map(({ id, node: { name, shape } }, i) => {
    const [{ data: direction }] = sampleValues([{ shape }], seed + i + 1, 'f64')
    return checkDirection(name, gradients[i], direction, (step) => lossAt(id, direction, step))
  })
  const wrong = checks.find(({ error }) => !(error <= tolerance))
  if (wrong !== undefined) throw wrongGradient(wrong, tolerance)
  return { parameters: checks, error: Math.max(0, ...checks.map(({ error }) => error)) }
}

function built(build: (builder: GraphBuilder) => NodeId, point: string): Graph {
  const builder = new GraphBuilder()
  builder.point(point, build(builder))
  return builder.build()
}

/** The graph with one more point: the sum of the point's elements, each times an input. Updates are left out. */
function project(graph: Graph, point: string): Graph {
  const id = pointOf(graph, point)
  const builder = new GraphBuilder({ ...graph, updates: [] })
  const weights = builder.input(PROJECTION, graph.nodes[id].shape)
  const sum = builder.op('reduce-sum', [builder.op('multiply', [id, weights])], { shape: [] })
  builder.point(PROJECTED, sum)
  return builder.build()
}

function inputValues(graph: Graph, seed: number, given: GradientCheckOptions['values'] = {}): Map<NodeId, NumberArray> {
  const inputs = graph.nodes.flatMap((node, id) => (node.kind === 'input' ? [{ id, ...node }] : []))
  const drawn = sampleValues(
    inputs.map(({ shape, dtype }) => (dtype === 'int' ? { shape, below: 1 } : { shape })),
    seed,
    'f64',
  )
  return new Map(
    inputs.map(({ id, name }, i) => {
      const { data } = drawn[i]
      if (given[name] !== undefined) data.set(check(`checkGradient: values.${name}`, given[name], numbers(data.length)))
      return [id, data]
    }),
  )
}

function numbers(length: number): Rule<ArrayLike<number>> {
  const isList = (value: unknown) => Array.isArray(value) || isNumberArray(value)
  return {
    expected: `${length} finite numbers`,
    fits(value) {
      const list = value as readonly number[]
      return isList(value) && list.length === length && Array.from(list).every(Number.isFinite)
    },
  }
}

const aGraph: Rule<Graph> = {
  expected: 'a graph, or a function that builds one',
  fits(value) {
    const { nodes, points } = (value ?? {}) as Partial<Graph>
    return Array.isArray(nodes) && typeof points === 'object' && points !== null
  },
}

function parameterGradients(graph: Graph, inputs: Map<NodeId, NumberArray>): NumberArray[] {
  const backward = differentiate(graph, PROJECTED)
  const program = referenceBackend('f64').load(backward)
  for (const [id, value] of inputs) program.view(id).set(value)
  program.run()
  return parametersOf(backward).map(({ node }) => program.view(pointOf(backward, gradientName(node.name))).slice())
}

/** The projected output with one parameter moved by `step` times a direction. */
function evaluator(graph: Graph, inputs: Map<NodeId, NumberArray>) {
  const program = referenceBackend('f64').load(graph)
  for (const [id, value] of inputs) program.view(id).set(value)
  const output = program.view(pointOf(graph, PROJECTED))
  return (parameter: NodeId, direction: NumberArray, step: number): number => {
    const start = inputs.get(parameter) as NumberArray
    const moved = program.view(parameter)
    for (let i = 0; i < moved.length; i++) moved[i] = start[i] + step * direction[i]
    program.run()
    moved.set(start)
    return output[0]
  }
}

/** Large steps suit flat functions, small ones curved functions; a wrong gradient is wrong at all of them. */
const STEPS = [1e-2, 1e-3, 1e-4, 1e-5]

function checkDirection(
  name: string,
  gradient: NumberArray,
  direction: NumberArray,
  at: (step: number) => number,
): ParameterCheck {
  let analytic = 0
  let size = 0
  for (let i = 0; i < gradient.length; i++) {
    analytic += gradient[i] * direction[i]
    size += Math.abs(gradient[i] * direction[i])
  }
  // Differences cannot see slopes far below the value itself: rounding of the value drowns them.
  const visible = 1e-5 * (1 + Math.abs(at(0)))
  const checks = STEPS.map((h) => {
    const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    return { name, analytic, numeric, error: Math.abs(analytic - numeric) / Math.max(size, Math.abs(numeric), visible) }
  })
  return checks.reduce((best, check) => (check.error < best.error ? check : best))
}

function wrongGradient({ name, analytic, numeric, error }: ParameterCheck, tolerance: number): OpsinError {
  return new OpsinError('GRADIENT', {
    where: `checkGradient: parameter "${name}"`,
    expected: `a derivative of ${numeric} along a random direction, by finite differences, to within ${tolerance}`,
    got: `${analytic}, relative error ${error.toExponential(1)}`,
  })
}
