import type { Model, Sizes } from '../architectures/define.ts'
import { formOf } from '../core/form.ts'
import { identityOf } from '../core/identity.ts'
import { sameShape, sizeOf } from '../core/shape.ts'
import { pointInReplica, pointKind } from '../graph/address.ts'
import { GraphBuilder, pointOf } from '../graph/build.ts'
import type { Feed, Graph, Node, NodeId, OpNode } from '../graph/node.ts'
import { inOrder } from '../graph/rewrite.ts'
import { showSite } from './at.ts'
import type { Numbered } from './check.ts'
import type { GradientRule, InterventionKind, SiteContext, Values } from './define.ts'
import { countElements } from './elements.ts'
import { type Intervention, interventionKinds } from './kinds/index.ts'
import { readSite, resolveSite } from './read.ts'
import { edgesOfKind, elementsWritten, hiddenAt } from './written.ts'

/** The splice of an intervention: the value before and after it, and the number of elements it writes each time. */
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
 * @param lift whether values of interventions (masks, numbers, arrays) become inputs that are `given`.
 * @throws OpsinError for whatever does not fit this graph.
 */
export function applyInterventions(
  graph: Graph,
  model: Model,
  sizes: Sizes,
  list: readonly Numbered[],
  lift = false,
): SplicedGraph {
  const splicer = new Splicer(graph, model, sizes, list, lift)
  return { splices: list.map(({ index, intervention }) => splicer.splice(index, intervention)), ...splicer.result() }
}

/** A graph with interventions in it. It is put in order only when asked for. */
export interface SplicedGraph {
  readonly splices: readonly Splice[]
  /** Equal for equal graphs that come of the same graph. */
  form(): string
  /** Values of interventions, by the names of their inputs. */
  readonly given: ReadonlyMap<string, Feed>
  graph(): Graph
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
  readonly #names: (readonly [string, NodeId])[] = []
  /** How many nodes the graph had before. */
  readonly #own: number
  /** Whether some intervention lets queries see later keys: then no value is causal just because it was. */
  readonly #looksAhead: boolean
  #what = 'interventions'

  constructor(
    graph: Graph,
    readonly model: Model,
    readonly sizes: Sizes,
    list: readonly Numbered[],
    readonly lift: boolean,
  ) {
    this.#builder = new GraphBuilder(graph)
    this.#own = this.#builder.length
    this.#looksAhead = list.some(({ intervention }) => intervention.causal === false)
  }

  splice(index: number, intervention: Intervention): Splice {
    const builder = this.#builder
    const before = builder.length
    const site = this.#context(intervention)
    this.#what = `${intervention.kind} ${site.where}`
    const kind: InterventionKind = interventionKinds[intervention.kind]
    // A node of its own: if two points were one node, an edit of one would change the other.
    const after = ownNode(builder, kind.splice(intervention, site), before)
    this.#redirects.push({ from: site.value, to: after, before })
    this.#name(pointInReplica(intervention.at.point, site.replica), after)
    this.#name(splicePoint(index, 'before'), site.value)
    this.#name(splicePoint(index, 'after'), after)
    const written = elementsWritten(this.model, this.sizes, intervention, site.shape)
    return { index, elements: countElements(written) }
  }

  #name(name: string, id: NodeId): void {
    this.#builder.point(name, id)
    this.#names.push([name, id])
  }

  result(): Omit<SplicedGraph, 'splices'> {
    const own = this.#builder.build()
    const added = own.nodes.slice(this.#own).map((node, i) => {
      const brought = this.lift && node.kind === 'op' && node.inputs.length === 0
      return brought ? lifted(node, `given/${i}`) : node
    })
    const given = added.flatMap((node) =>
      node.kind === 'input' && node.feed !== undefined ? [[node.name, node.feed] as const] : [],
    )
    return {
      form: () => formOf([added, added.map(opNumber), this.#redirects, this.#names]),
      given: new Map(given),
      graph: () => this.#inOrder({ ...own, nodes: [...own.nodes.slice(0, this.#own), ...added] }),
    }
  }

  #inOrder(loose: Graph): Graph {
    if (this.#redirects.length === 0) return loose
    const nodes = loose.nodes.map((node, id): Node => {
      if (node.kind === 'input') return node
      const follow = (input: NodeId) =>
        this.#redirects.reduce((to, r) => (id < r.before && to === r.from ? r.to : to), input)
      return { ...node, inputs: node.inputs.map(follow) }
    })
    return inOrder({ ...loose, nodes }, this.#what)
  }

  #context(intervention: Intervention): SiteContext {
    const { model, sizes } = this
    const { at } = intervention
    const builder = this.#builder
    const { axes, selected, value, shape } = resolveSite(builder, model, sizes, at)
    const hidden = hiddenAt(model, intervention)
    const edges = edgesOfKind(intervention)
    const mask = (causal = hidden !== undefined) => {
      const byEdge = (axis: number) => (causal || edges) && (axes[axis] === 'query' || axes[axis] === 'key')
      return builder.op('mask', [], {
        shape: shape.map((size, axis) => (selected[axis] === null && !byEdge(axis) ? 1 : size)),
        select: selected.map((indices, axis) => inMaskForm(indices, shape[axis])),
        ...(edges === undefined ? {} : { edges }),
        ...(causal ? { causal: true } : {}),
      })
    }
    return {
      builder,
      model,
      sizes,
      axes,
      shape,
      selected,
      hidden,
      value,
      where: showSite(at),
      point: at.point,
      pointKind: pointKind(at.point),
      replica: at.replica ?? 'main',
      mask: () => mask(),
      overwrite: ({ node, causal = false }: Values, gradient) => {
        const kept = causal && !this.#looksAhead ? undefined : hidden
        const whole =
          edges === undefined &&
          !(this.#looksAhead && kept !== undefined) &&
          selected.every((list, axis) => list === null || list.length === shape[axis])
        return whole
          ? replaceWhole(builder, value, node, gradient, kept)
          : builder.op('overwrite', [value, node, mask(kept !== undefined)], { gradient })
      },
      read: (site, shift) => readSite(builder, model, sizes, site, shift),
    }
  }
}

/** A number for a node's op: two of one name, from two packages, are not the same. */
function opNumber(node: Node): number {
  return node.kind === 'input' ? -1 : identityOf(node.definition)
}

/** An input in place of a node, given the node's value. */
function lifted({ attrs, shape, dtype, definition }: OpNode, name: string): Node {
  const feed = () => {
    const out = new Float64Array(sizeOf(shape))
    definition.forward(out, [], { attrs, inputs: [], shape })
    return out
  }
  return { kind: 'input', name, feeder: 'given', shape, dtype, feed }
}

/** The node, or a new one with its value where it was there before. */
function ownNode(builder: GraphBuilder, id: NodeId, before: NodeId): NodeId {
  return id < before ? builder.op('identity', [id]) : id
}

/** Sorted, and `null` for all: equal selections make equal masks. */
function inMaskForm(indices: readonly number[] | null, size: number): readonly number[] | null {
  return indices === null || indices.length === size ? null : [...indices].sort((a, b) => a - b)
}

/**
 * With every element selected the old value is not read at all, and the nodes that computed it can be pruned.
 *
 * @param hidden the value of edges that the causal mask hides, where the source has something else there
 */
function replaceWhole(
  builder: GraphBuilder,
  value: NodeId,
  source: NodeId,
  gradient: GradientRule,
  hidden: number | undefined,
): NodeId {
  const { shape } = builder.node(value)
  const all = sameShape(builder.node(source).shape, shape) ? source : builder.op('broadcast', [source], { shape })
  const whole = hidden === undefined ? all : builder.op('causal-mask', [all], { value: hidden })
  if (gradient === 'source') return whole
  if (gradient === 'block') return builder.op('stop-gradient', [whole])
  const everywhere = builder.op('constant', [], { shape: shape.map(() => 1), value: 1 })
  return builder.op('overwrite', [value, whole, everywhere], { gradient })
}

/** Adds replicas: the same network again over the same batch, with the same inputs and parameters. */
export function withReplicas(graph: Graph, replicas: readonly string[]): Graph {
  const builder = new GraphBuilder(graph)
  for (const replica of replicas) {
    const copy: NodeId[] = []
    graph.nodes.forEach((node, id) => {
      copy.push(node.kind === 'input' ? id : builder.copy({ ...node, inputs: node.inputs.map((input) => copy[input]) }))
    })
    for (const name of Object.keys(graph.points))
      builder.point(pointInReplica(name, replica), copy[pointOf(graph, name)])
  }
  return builder.build()
}
