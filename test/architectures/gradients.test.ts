import fc from 'fast-check'
import { preNorm } from 'opsin'
import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../../src/backends/reference/index.ts'
import { pointOf } from '../../src/graph/build.ts'
import { differentiate } from '../../src/graph/differentiate.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'
import { checkGradient } from '../../src/testing/index.ts'
import { inputsOf, tinyOptions, valuesOf, weightsOf } from '../support/models.ts'

/** Every choice of an option at least once, beside random others. */
const everyChoice = [
  ...['rotary', 'learned', 'sinusoidal', 'none'].map((positions) => ({ positions })),
  ...['layernorm', 'rmsnorm', 'none'].map((norm) => ({ norm })),
  ...[null, 2].map((mlpRatio) => ({ mlpRatio })),
  ...[true, false].map((causal) => ({ causal })),
  ...['last', 'all'].map((readout) => ({ readout, inputs: { kind: 'tokens', vocab: 5 } })),
  ...['last', 'all'].map((readout) => ({ readout, inputs: { kind: 'exemplars', features: 3, labels: 4 } })),
].map((choice) => choice as Partial<Parameters<typeof preNorm>[0]>)

describe('the gradient of every parameter of a whole model', () => {
  it.each(everyChoice)('is what finite differences find: %o', (choice) => {
    fc.assert(
      fc.property(tinyOptions, fc.nat(999), (options, seed) => {
        const model = preNorm({ ...options, ...choice })
        const given = inputsOf(model, seed)
        const graph = withObjective(model).graph(model.sizes(given))
        const { parameters } = checkGradient(graph, { seed, values: valuesOf(given, weightsOf(model, seed)) })
        expect(parameters).toHaveLength(model.parameters.length)
      }),
      { numRuns: 4, seed: 11 },
    )
  })

  it('agrees element by element, where differences can see it', () => {
    const model = preNorm({
      layers: 2,
      heads: 2,
      dModel: 4,
      inputs: { kind: 'exemplars', features: 3, labels: 4 },
    })
    const given = inputsOf(model, 3)
    const graph = differentiate(withObjective(model).graph(model.sizes(given)))
    const values = valuesOf(given, weightsOf(model, 3))
    const program = referenceBackend('f64').load(graph)
    graph.nodes.forEach((node, id) => void (node.kind === 'input' && program.view(id).set(values[node.name])))
    const loss = program.view(pointOf(graph, 'loss'))
    for (const { name } of model.parameters) {
      const id = graph.nodes.findIndex((node) => node.kind === 'input' && node.name === name)
      const weight = program.view(id)
      program.run()
      const gradient = program.view(pointOf(graph, `grad(${name})`)).slice()
      const size = Math.max(1e-3, ...gradient.map(Math.abs))
      weight.forEach((start, i) => {
        const at = (step: number) => {
          weight[i] = start + step
          program.run()
          weight[i] = start
          return loss[0]
        }
        const errors = [1e-2, 1e-3, 1e-4, 1e-5].map((h) => {
          const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
          return Math.abs(numeric - gradient[i]) / size
        })
        expect(Math.min(...errors), `${name}[${i}]`).toBeLessThan(1e-7)
      })
    }
  })
})
