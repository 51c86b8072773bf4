import type { Model } from '../architectures/define.ts'
import type { Program } from '../backends/backend.ts'
import { OpsinError } from '../core/errors.ts'
import { type Tensor, tensor } from '../core/tensor.ts'
import { pointInReplica } from '../graph/address.ts'
import { pointOf } from '../graph/build.ts'
import { axesOfPoint, checkSite, requireSite } from '../interventions/at.ts'
import type { Site } from '../interventions/define.ts'
import { observedPoint } from '../interventions/observed.ts'

/**
 * A training step as it was computed: on the parameters before its update.
 *
 * @example
 * import { attentionOnly, fewShot, type Observation, train } from 'opsin'
 * const model = attentionOnly({ layers: 1, heads: 2, dModel: 8 })
 * const losses: number[] = []
 * const onStep = ({ loss }: Observation) => losses.push(loss)
 * await train(model, fewShot({ classes: 20 }), { sequences: 64, onStep })
 * console.assert(losses.length === 2)
 */
export interface Observation {
  /** The first step is 0. */
  readonly step: number
  readonly loss: number
  /**
   * Observed values, by the names of their points (`replica/point` in another replica of the network). A selection keeps the
   * point's axes, each as long as its selection. The values are views of the engine's memory, not copies: read them
   * now, since the next step overwrites them, and keep `data.slice()` of values to store. They are not checked for NaN:
   * the loss is finite, and a parameter that is not stops the run at the next step.
   */
  readonly values: Readonly<Record<string, Tensor>>
}

/**
 * The observed points as sites: a name alone is its whole point.
 *
 * @throws OpsinError for a site that does not fit the model, and `VALUE` for a point observed twice.
 */
export function observedSites(model: Model, observe: readonly (string | Site)[]): Site[] {
  const seen = new Set<string>()
  return observe.map((one, index) => {
    const where = `train: observe[${index}]`
    const site = typeof one === 'string' ? { point: one } : one
    requireSite(site, where)
    checkSite(model, site)
    const key = keyOf(site)
    if (seen.has(key)) {
      throw new OpsinError('VALUE', {
        where,
        expected: 'each point once',
        got: `${key} again`,
        hint: 'Observe it once, with a selection that has all you want to see, or whole.',
      })
    }
    seen.add(key)
    return site
  })
}

/** The live values of sites, made once per program: an observed step allocates no tensor. */
export function liveValues(program: Program, model: Model, sites: readonly Site[]): Observation['values'] {
  const { graph } = program
  return Object.fromEntries(
    sites.map((site) => {
      const id = pointOf(graph, observedPoint(site))
      return [keyOf(site), tensor(graph.nodes[id].shape, program.view(id), axesOfPoint(model, site.point))]
    }),
  )
}

function keyOf({ point, replica }: Site): string {
  return pointInReplica(point, replica)
}
