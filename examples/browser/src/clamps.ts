import { ablate, at, clamp, type Intervention, induction, type Model, previousToken, scale } from 'opsin'

/** A head, by its layer and its place there. */
export interface Head {
  readonly layer: number
  readonly head: number
}

/** The patterns that a head can have: its own, or one that it is forced to. */
export const patterns = {
  own: 'its own',
  previous: 'previous token',
  induction: 'induction',
} as const

export type Pattern = keyof typeof patterns

/** What a reader does to a head. */
export interface Clamp {
  readonly off: boolean
  readonly pattern: Pattern
  /** What its scores are multiplied by. */
  readonly sharpness: number
}

export const untouched: Clamp = { off: false, pattern: 'own', sharpness: 1 }

/** What is done to heads, by {@link nameOf} them; a head that is not there is untouched. */
export type Clamps = ReadonlyMap<string, Clamp>

/** A head's name in addresses: `1.3`. */
export function nameOf({ layer, head }: Head): string {
  return `${layer}.${head}`
}

/** The same clamps with one head's changed. */
export function withClamp(clamps: Clamps, head: Head, change: Partial<Clamp>): Clamps {
  const name = nameOf(head)
  const changed = { ...(clamps.get(name) ?? untouched), ...change }
  const isUntouched = !changed.off && changed.pattern === 'own' && changed.sharpness === 1
  const others = [...clamps].filter(([other]) => other !== name)
  return new Map(isUntouched ? others : [...others, [name, changed] as const])
}

/** Whether sharpness does anything: a pattern that is forced as a whole leaves nothing to sharpen. */
export function canSharpen({ pattern }: Clamp): boolean {
  return pattern !== 'previous'
}

/** An intervention, and the line of TypeScript that makes it. */
export interface Line {
  readonly code: string
  readonly intervention: Intervention
}

/** What becomes of a site: as an intervention, and in code. */
interface Effect {
  readonly point: 'scores' | 'pattern' | 'z'
  /** Induction says where the last token looks, and nothing of the others. */
  readonly lastOnly?: boolean
  make(site: ReturnType<typeof at>): Intervention
  code(site: string): string
}

const effects = {
  off: { point: 'z', make: (site) => ablate(site), code: (site) => `ablate(${site})` },
  previous: {
    point: 'pattern',
    make: (site) => clamp(site, previousToken()),
    code: (site) => `clamp(${site}, previousToken())`,
  },
  induction: {
    point: 'pattern',
    lastOnly: true,
    make: (site) => clamp(site, induction()),
    code: (site) => `clamp(${site}, induction())`,
  },
} satisfies Record<string, Effect>

function sharpen(factor: number): Effect {
  return { point: 'scores', make: (site) => scale(site, factor), code: (site) => `scale(${site}, ${factor})` }
}

function effectsOf(one: Clamp): Effect[] {
  return [
    ...(one.sharpness !== 1 && canSharpen(one) ? [sharpen(one.sharpness)] : []),
    ...(one.pattern === 'own' ? [] : [effects[one.pattern]]),
    ...(one.off ? [effects.off] : []),
  ]
}

/** The interventions that clamps come to: one for all heads of a layer to which the same is done. */
export function linesOf(model: Model, clamps: Clamps): Line[] {
  const groups = new Map<string, { readonly effect: Effect; readonly layer: string; readonly heads: number[] }>()
  for (const [name, one] of [...clamps].sort(([a], [b]) => a.localeCompare(b))) {
    const [layer, head] = name.split('.')
    for (const effect of effectsOf(one)) {
      const key = `${layer} ${effect.code('')}`
      const group = groups.get(key) ?? { effect, layer, heads: [] }
      group.heads.push(Number(head))
      groups.set(key, group)
    }
  }
  return [...groups.values()].map(({ effect, layer, heads }) => {
    const point = `blocks.${layer}.attn.${effect.point}`
    const head = heads.length === 1 ? heads[0] : heads
    const shown = `{ head: ${Array.isArray(head) ? `[${head.join(', ')}]` : head}${effect.lastOnly ? ", query: 'last'" : ''} }`
    return {
      code: effect.code(`at(model, '${point}', ${shown})`),
      intervention: effect.make(at(model, point, effect.lastOnly ? { head, query: 'last' } : { head })),
    }
  })
}
