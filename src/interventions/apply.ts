import type { Model, Sizes } from '../architectures/define.ts'
import type { Axis } from '../core/axes.ts'
import { sameShape, sizeOf } from '../core/shape.ts'
import { GraphBuilder, pointOf } from '../graph/build.ts'
import type { Graph, Node, NodeId } from '../graph/node.ts'
import { inOrder } from '../graph/rewrite.ts'
import { showSite } from './at.ts'
import type { Edges, GradientRule, InterventionKind, Site, SiteContext } from './define.ts'
import { type Intervention, interventionKinds } from './kinds/index.ts'
import { pointInPass, readSite, resolveSite } from './read.ts'

/** What an intervention did to a graph: the value before and after it, and how many elements it writes each time. */
export interface Splice {
  /** Its place in the list of interventions. */
  readonly index: number
  readonly elements: number
}

/** The name of the point that holds a site's value before or after an intervention. */
export function splicePoint(index: number, when: 'before' | 'after'): string {
  return `interventions.${index}.${when}`
}

/**
 * Splices interventions behind their hook points, in the order given: ordinary nodes that everything downstream reads
 * in place of the old value. The hook point's name moves to the new value; both stay readable by {@link splicePoint}.
 *
 * @param list interventions with their places in the whole list; those on gradients need a differentiated graph.
 * @throws OpsinError for whatever does not fit this graph.
 */
export function applyInterventions(
  graph: Graph,
  model: Model,
  sizes: Sizes,
  list: readonly { readonly index: number; readonly intervention: Intervention }[],
): { graph: Graph; splices: Splice[] } {
  const splicer = new Splicer(graph, model, sizes)
  const splices = list.map(({ index, intervention }) => splicer.splice(index, intervention))
  return { graph: splicer.finish(), splices }
}

/** What reads a value: every node below `before` (those that were there when it was spliced) reads `to` for `from`. */
interface Redirect {
  readonly from: NodeId
  readonly to: NodeId
  readonly before: NodeId
}

class Splicer {
  readonly #builder: GraphBuilder
  readonly #redirects: Redirect[] = []
  #what = 'interventions'

  constructor(
    graph: Graph,
    readonly model: Model,
    readonly sizes: Sizes,
  ) {
    this.#builder = new GraphBuilder(graph)
  }

  splice(index: number, intervention: Intervention): Splice {
    const builder = this.#builder
    const before = builder.length
    const site = this.#context(intervention.at)
    this.#what = `${intervention.kind} ${site.where}`
    const kind: InterventionKind = interventionKinds[intervention.kind]
    const after = kind.splice(intervention, site)
    this.#redirects.push({ from: site.value, to: after, before })
    builder.point(pointInPass(intervention.at.point, site.pass), after)
    builder.point(splicePoint(index, 'before'), site.value)
    builder.point(splicePoint(index, 'after'), after)
    return { index, elements: sizeOf(site.shape.map((size, axis) => site.selected[axis]?.length ?? size)) }
  }

  finish(): Graph {
    const loose = this.#builder.build()
    const nodes = loose.nodes.map((node, id): Node => {
      if (node.kind === 'input') return node
      const follow = (input: NodeId) =>
        this.#redirects.reduce((to, r) => (id < r.before && to === r.from ? r.to : to), input)
      return { ...node, inputs: node.inputs.map(follow) }
    })
    return inOrder({ ...loose, nodes }, this.#what)
  }

  #context(at: Site): SiteContext {
    const { model, sizes } = this
    const builder = this.#builder
    const { axes, selected, value, shape } = resolveSite(builder, model, sizes, at)
    const mask = (edges?: Edges) => emitMask(builder, axes, shape, selected, edges)
    return {
      builder,
      model,
      sizes,
      axes,
      shape,
      selected,
      value,
      where: showSite(at),
      point: at.point,
      pointKind: at.point.replace(/blocks\.\d+\./, ''),
      pass: at.pass ?? 'main',
      mask,
      overwrite: (source, gradient, edges) => {
        const whole = edges === undefined && selected.every((indices) => indices === null)
        return whole
          ? replaceWhole(builder, value, source, gradient)
          : builder.op('overwrite', [value, source, mask(edges)], { gradient })
      },
      read: (site) => readSite(builder, model, sizes, site),
    }
  }
}

/** With every element selected the old value is not read at all, and whatever computed it can go. */
function replaceWhole(builder: GraphBuilder, value: NodeId, source: NodeId, gradient: GradientRule): NodeId {
  const { shape } = builder.node(value)
  if (gradient === 'pass') {
    const everywhere = builder.op('constant', [], { shape: shape.map(() => 1), value: 1 })
    return builder.op('overwrite', [value, source, everywhere], { gradient })
  }
  const whole = sameShape(builder.node(source).shape, shape) ? source : builder.op('broadcast', [source], { shape })
  return gradient === 'source' ? whole : builder.op('stop-gradient', [whole])
}

function emitMask(
  builder: GraphBuilder,
  axes: readonly Axis[],
  shape: readonly number[],
  selected: readonly (readonly number[] | null)[],
  edges: Edges | undefined,
): NodeId {
  const byEdge = (axis: number) => edges !== undefined && (axes[axis] === 'query' || axes[axis] === 'key')
  return builder.op('mask', [], {
    shape: shape.map((size, axis) => (selected[axis] === null && !byEdge(axis) ? 1 : size)),
    select: selected,
    ...(edges === 'previous-token' ? { edges } : {}),
    ...(edges === 'causal' ? { causal: true } : {}),
  })
}

/** Adds further passes over the same batch: the same network again, with the same inputs and parameters. */
export function withPasses(graph: Graph, passes: readonly string[]): Graph {
  const builder = new GraphBuilder(graph)
  for (const pass of passes) {
    const copy: NodeId[] = []
    graph.nodes.forEach((node, id) => {
      copy.push(node.kind === 'input' ? id : builder.copy({ ...node, inputs: node.inputs.map((input) => copy[input]) }))
    })
    for (const name of Object.keys(graph.points)) builder.point(pointInPass(name, pass), copy[pointOf(graph, name)])
  }
  return builder.build()
}
