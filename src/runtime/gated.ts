import type { Model, Sizes } from '../architectures/define.ts'
import { Bases, type Numbered, numbered } from '../compile/intervene.ts'
import { OpsinError } from '../core/errors.ts'
import { unknownName } from '../core/nearest.ts'
import type { Shape } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { pointOf } from '../graph/build.ts'
import type { Graph } from '../graph/node.ts'
import { type InputArrays, type InputNodes, inputsOf, requireFiniteInputs, requireInputs } from '../inference/inputs.ts'
import { ofGradient, sitesOf } from '../interventions/check.ts'
import type { Intervention } from '../interventions/kinds/index.ts'
import { checkTogether } from '../interventions/together.ts'
import { asGate, type GateValues, noGate } from './as-gate.ts'

/** A gate of a file under interventions. */
export interface SetGate extends GateValues {
  readonly shape: Shape
}

/** A model at some sizes. */
interface Sized {
  readonly bases: Bases
  readonly known: InputNodes
}

/** Turns interventions into settings of a file's gates. */
export class Gates {
  readonly #sized = new Map<string, Sized>()
  readonly #lines = new Set<string>()
  /** Inputs that are known to be finite: each is checked once. */
  readonly #finite = new WeakSet<Tensor>()

  /** @param points the points that have a gate. */
  constructor(
    readonly model: Model,
    readonly points: readonly string[],
  ) {}

  /** Throws for inputs that do not fit a run at these sizes. */
  require(sizes: Sizes, inputs: InputArrays): void {
    requireInputs(this.#at(sizes).known, inputs)
    const fresh = Object.entries(inputs).filter(([, tensor]) => !this.#finite.has(tensor))
    requireFiniteInputs(Object.fromEntries(fresh))
    for (const [, tensor] of fresh) this.#finite.add(tensor)
  }

  /**
   * The gates that interventions set, by their points.
   *
   * @throws OpsinError for interventions that do not fit together; `VALUE` where a gate cannot apply them, `NAME` for a point without one.
   */
  set(sizes: Sizes, inputs: InputArrays, interventions: readonly Intervention[]): Map<string, SetGate> {
    const { bases, known } = this.#at(sizes)
    const list = numbered(interventions)
    const graph = bases.graph(false)
    checkTogether(this.model, sizes, graph, list)
    for (const one of list) this.#requireGate(one, bases)
    const inOrder = [...list].sort((a, b) => (a.intervention.order ?? 0) - (b.intervention.order ?? 0))
    const points = new Set(inOrder.map(({ intervention }) => intervention.at.point))
    const context = { model: this.model, sizes, known, inputs, lines: this.#lines }
    return new Map(
      [...points].map((point) => {
        const own = inOrder.filter(({ intervention }) => intervention.at.point === point)
        const { shape } = graph.nodes[pointOf(graph, point)]
        return [point, { shape, ...asGate(context, own, shape) }]
      }),
    )
  }

  #at(sizes: Sizes): Sized {
    const key = JSON.stringify(sizes)
    const known = this.#sized.get(key) ?? {
      bases: new Bases(this.model, sizes),
      known: inputsOf(this.model, sizes),
    }
    this.#sized.set(key, known)
    return known
  }

  #requireGate(one: Numbered, bases: Bases): void {
    const { at, causal } = one.intervention
    if (ofGradient(at)) throw noGate([one], 'a gradient, which a file for inference does not have')
    if ((at.replica ?? 'main') !== 'main') throw noGate([one], `the replica "${at.replica}"`)
    const other = sitesOf(one.intervention).find(
      (site) => site.point !== at.point || (site.replica ?? 'main') !== 'main',
    )
    if (other !== undefined) throw noGate([one], `one that reads ${other.replica ?? 'main'}/${other.point}`)
    if (!this.points.includes(at.point)) throw this.#withoutGate(at.point)
    if (causal === false && !sameAfter(at.point, bases.graph(false), bases.graph(true))) {
      throw noGate([one], 'one that gives causality up, where what comes after keeps it')
    }
  }

  #withoutGate(point: string): OpsinError {
    const { hint } = unknownName('', '', point, this.points)
    return new OpsinError('NAME', {
      where: 'interventions',
      expected: 'a hook point that has a gate in this file',
      got: `"${point}"`,
      hint: `${hint} Export it with { gates: ['${point}'] }, or make the intervention part of the file.`,
    })
  }
}

/** Whether two forms of one graph compute the same from a point on. */
function sameAfter(point: string, a: Graph, b: Graph): boolean {
  const from = pointOf(a, point)
  const reached = new Set([from])
  return a.nodes.every((node, id) => {
    if (node.kind === 'input' || !node.inputs.some((input) => reached.has(input))) return true
    reached.add(id)
    return JSON.stringify(node) === JSON.stringify(b.nodes[id])
  })
}
