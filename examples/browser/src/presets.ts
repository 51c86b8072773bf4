/** Things to try, as addresses. */
export const presets: readonly { readonly name: string; readonly address: string }[] = [
  { name: 'Head 3 off', address: 'head=1.3&1.3=off' },
  { name: 'Only head 5', address: `head=1.5&${allOff(1, 5)}` },
  { name: 'Only 5, sharper', address: `head=1.5&${allOff(1, 5)}&1.5=x4` },
  { name: 'Only 5, perfect', address: `head=1.5&${allOff(1, 5)}&1.5=induction` },
  { name: 'Layer 0 off', address: `head=0.3&${allOff(0)}` },
]

/** All heads of a layer off but one. */
function allOff(layer: number, but?: number): string {
  const heads = Array.from({ length: 8 }, (_, head) => head).filter((head) => head !== but)
  return heads.map((head) => `${layer}.${head}=off`).join('&')
}
