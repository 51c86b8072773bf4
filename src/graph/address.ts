// The one place that puts names together and takes them apart: `replica/grad(blocks.0.attn.q)`.

/** The name of the gradient of the loss with respect to a hook point or parameter; a replica stays in front. */
export function gradientName(name: string): string {
  const start = name.lastIndexOf('/') + 1
  return `${name.slice(0, start)}grad(${name.slice(start)})`
}

/** `grad(x)` ↦ `x`, in any replica; every other name stays. */
export function forwardName(name: string): string {
  return name.replace(/^(.*\/)?grad\((.*)\)$/, '$1$2')
}

/** Whether a name is that of a gradient. */
export function isGradient(name: string): boolean {
  return forwardName(name) !== name
}

/** The name of a point in a replica. */
export function pointInReplica(point: string, replica = 'main'): string {
  return replica === 'main' ? point : `${replica}/${point}`
}

/** The opposite: `clean/logits` ↦ the point `logits` in the replica `clean`. */
export function splitReplica(name: string): { readonly replica: string; readonly point: string } {
  const end = name.lastIndexOf('/')
  return end < 0 ? { replica: 'main', point: name } : { replica: name.slice(0, end), point: name.slice(end + 1) }
}

/** A point's name without its block: `grad(blocks.0.attn.q)` ↦ `grad(attn.q)`. */
export function pointKind(point: string): string {
  return point.replace(/blocks\.\d+\./, '')
}
