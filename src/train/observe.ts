import type { Model } from '../architectures/define.ts'
import type { Program } from '../backends/backend.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { pointOf } from '../graph/build.ts'
import { axesOfPoint } from '../interventions/at.ts'

/** A training step as it was computed: on the parameters before its update. */
export interface Observation {
  /** The first step is 0. */
  readonly step: number
  readonly loss: number
  /**
   * Values of the observed points. They are the engine's own memory, not copies: read them now, since the next step
   * overwrites them, and keep `data.slice()` of what is to last.
   */
  readonly values: Readonly<Record<string, Tensor>>
}

/** Throws OpsinError `NAME`, with the nearest names, for points that the model does not have. */
export function checkObserved(model: Model, points: readonly string[]): void {
  for (const point of points) axesOfPoint(model, point)
}

/** The live values of points, made once per program: an observed step allocates no tensor. */
export function liveValues(program: Program, model: Model, points: readonly string[]): Observation['values'] {
  const { graph } = program
  return Object.fromEntries(
    points.map((point) => {
      const id = pointOf(graph, point)
      return [point, tensor(graph.nodes[id].shape, program.view(id), axesOfPoint(model, point))]
    }),
  )
}
