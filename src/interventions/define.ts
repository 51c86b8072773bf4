import type { Model, Sizes } from '../architectures/define.ts'
import type { Axis } from '../core/axes.ts'
import type { Rule } from '../core/check.ts'
import type { Shape } from '../core/shape.ts'
import type { GraphBuilder } from '../graph/build.ts'
import type { NodeId } from '../graph/node.ts'
import type { Edges, Elements } from './elements.ts'
import type { Window } from './schedule.ts'
import type { Selection } from './select.ts'

/** The version of the JSON form that this opsin writes and reads. */
export const interventionVersion = 2

/** Where: a hook point, which of its elements, and in which replica of the network over the same batch (`main` unless named). */
export interface Site {
  readonly point: string
  readonly replica?: string
  readonly select?: Selection
}

/**
 * What the gradient does at overwritten elements. `block`: the overwritten value gets none. `straight-through`: it gets the new
 * value's (straight through). `source`: it goes to the source of the new value.
 */
export type GradientRule = 'block' | 'straight-through' | 'source'

/** When a model is used: to learn, or to be measured. */
export type Phase = 'train' | 'eval'

/** The options that every kind of intervention has. */
export interface InterventionOptions {
  /** Only then; default always. */
  readonly when?: Window
  /** Only in these phases; default both. */
  readonly phase?: readonly Phase[]
  /** Two interventions on the same elements need different orders; the higher comes later and has the last word. */
  readonly order?: number
  /** Never firing is not an error. */
  readonly optional?: boolean
  /**
   * `false`: scores and patterns of a causal model may be written where a query looks at later keys. Otherwise such edges
   * are none of an intervention's elements, whatever it selects.
   */
  readonly causal?: false
}

/** The fields all interventions share; the whole of an intervention is plain JSON. */
export interface InterventionBase extends InterventionOptions {
  readonly version: typeof interventionVersion
  readonly kind: string
  readonly at: Site
}

/** One site of one graph, resolved, for a kind of intervention or a source. */
export interface SiteContext {
  readonly builder: GraphBuilder
  readonly model: Model
  readonly sizes: Sizes
  /** How the site calls itself in errors. */
  readonly where: string
  /** Without layer and replica: `attn.pattern`, `grad(attn.pattern)`. */
  readonly pointKind: string
  readonly point: string
  readonly replica: string
  readonly axes: readonly Axis[]
  readonly shape: Shape
  /** Per axis: the selected indices, in the order of the selection; `null` for all. */
  readonly selected: readonly (readonly number[] | null)[]
  /** The value of edges that the causal mask hides here; `undefined` where it hides none, or may not be kept. */
  readonly hidden: number | undefined
  /** The value there now. */
  readonly value: NodeId
  /** The site's value with the elements to write taken from the new values. */
  overwrite(values: Values, gradient: GradientRule): NodeId
  /** 1 at elements to write, 0 elsewhere; broadcasts to the site's shape. */
  mask(): NodeId
  /** The value of another site of the same batch, whole or as selected, axes kept; each token from `shift` earlier ones. */
  read(site: Site, shift?: number): NodeId
}

/** New values for a site. */
export interface Values {
  /** Broadcasts to the site's shape. */
  readonly node: NodeId
  /** They already are {@link SiteContext.hidden} on every edge that the causal mask hides, so nothing need be kept there. */
  readonly causal?: boolean
}

/** A kind of intervention. */
export interface InterventionKind<I extends InterventionBase = any> {
  readonly kind: I['kind']
  /** The rules of the fields that it has besides those of all interventions. */
  readonly fields: Readonly<Record<Exclude<keyof I & string, keyof InterventionBase>, Rule<any>>>
  /** Rules of fields of all interventions that are narrower here. */
  readonly narrower?: Readonly<Partial<Record<keyof InterventionBase, Rule<any>>>>
  /** The selected edges that it writes; all if not given. */
  edges?(intervention: I): Edges | undefined
  /** Emits the value that takes the site's place. Throws where the kind cannot act. */
  splice(intervention: I, site: SiteContext): NodeId
  /** Throws for interventions on one point that make sense one by one, but not together. */
  together?(all: readonly Written[], where: string, model: Model, shape: Shape): void
}

/** An intervention of a list and the elements that it writes. */
export interface Written {
  /** Its place in the list. */
  readonly index: number
  readonly elements: Elements
}

/** A kind of source: where new values come from. */
export interface SourceKind<S extends { readonly from: string } = any> {
  readonly from: S['from']
  /** The rules of the fields that it has besides `from`. */
  readonly fields: Readonly<Record<Exclude<keyof S & string, 'from'>, Rule<any>>>
  /** Throws for fields that make no sense together. */
  check?(source: S): void
  /** The name of {@link check} in the JSON schema, which cannot express it. */
  readonly asks?: string
  /** Emits the values. */
  emit(source: S, site: SiteContext): Values
  /** The sites that the source reads, if any. */
  reads?(source: S, at: Site): Read[]
}

/** A site that a source reads; for each token, what it holds so many positions earlier. */
export interface Read {
  readonly site: Site
  readonly shift?: number | undefined
}
