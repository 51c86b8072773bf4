/** `blocks.0.attn.scores` ↦ `attn.scores`; nothing for a point outside blocks, and for a gradient. */
export function pointInBlock(point: string): string | undefined {
  return /^blocks\.\d+\.(.*)$/.exec(point)?.[1]
}
