import {
  addResidual,
  attention,
  concatResidual,
  exactGeluMlp,
  geluMlp,
  headGate,
  layerNorm,
  noResidual,
  reluMlp,
  rmsNorm,
  rotary,
  shiftKeys,
  shiftMix,
  shiftValues,
  swigluMlp,
  type TransformerOptions,
  tanhMlp,
} from 'opsin'
import type { Draw } from '../../src/ops/define.ts'

type Block = TransformerOptions['blocks'][number]
type Mixer = NonNullable<Block['mixer']>

/** Above this a stream is not made wider. */
const WIDE = 12

/** A random block on values of some width, and how wide they are after it. */
export function drawBlock(draw: Draw, width: number): { readonly block: Block; readonly after: number } {
  const has = draw.pick(['mixer', 'mixer', 'mixer and mlp', 'mixer and mlp', 'mlp', 'nothing'])
  const mixer = has.includes('mixer') ? drawMixer(draw, width) : undefined
  const mlp = has.includes('mlp') ? drawMlp(draw) : undefined
  const added = mixer?.width(width) ?? width
  const kinds = [
    ...(added === width ? ['add', 'add', 'add'] : []),
    ...(width + added <= WIDE ? ['concat'] : []),
    'none',
  ]
  const residual = draw.pick(kinds)
  const parallel = draw.int(0, 2) === 0
  const norm = drawNorm(draw)
  return {
    block: {
      ...(mixer && { mixer }),
      ...(mlp && { mlp }),
      ...(norm && { norm }),
      ...(residual === 'add' ? draw.pick([{}, { residual: addResidual() }]) : {}),
      ...(residual === 'concat' ? { residual: concatResidual() } : {}),
      ...(residual === 'none' ? { residual: noResidual() } : {}),
      ...(parallel ? { parallel } : {}),
    },
    after: widthAfter(residual, width, [mixer && added, mlp && width], parallel),
  }
}

function widthAfter(
  residual: string,
  width: number,
  [mixed, own]: readonly (number | undefined)[],
  parallel: boolean,
): number {
  const join = (x: number, added: number) => (residual === 'concat' ? x + added : residual === 'none' ? added : x)
  const middle = mixed === undefined ? width : join(width, mixed)
  if (own === undefined) return middle
  return join(middle, parallel ? width : middle)
}

export function drawNorm(draw: Draw) {
  return draw.pick([
    () => layerNorm(draw.pick([{}, { bias: false }, { eps: 0.01 }])),
    () => layerNorm(),
    () => rmsNorm(draw.pick([{}, { eps: 0.01 }])),
    () => undefined,
  ])()
}

function drawMlp(draw: Draw) {
  const width = draw.pick([{ width: 1 }, { width: 3 }, { width: 5 }, {}])
  const bias = draw.pick([{}, { bias: false }])
  return draw.pick([
    () => geluMlp({ ...width, ...bias }),
    () => exactGeluMlp({ ...width, ...bias }),
    () => reluMlp({ ...width, ...bias }),
    () => tanhMlp({ ...width, ...bias }),
    () => swigluMlp(width),
    () => swigluMlp(width),
  ])()
}

function drawMixer(draw: Draw, width: number): Mixer {
  const heads = draw.pick([1, 2, 2, 3, 4])
  const often = (one: 'linear' | 'identity') => (draw.int(0, 7) === 0 ? one : 'linear')
  const scores = draw.int(0, 5) === 0 ? 'bilinear' : 'factored'
  const [q, k, v, out] = [
    often(scores === 'factored' ? 'identity' : 'linear'),
    ...[1, 2, 3].map(() => often('identity')),
  ]
  const whole = scores === 'bilinear' || q === 'identity' || k === 'identity'
  const divides = width % heads === 0
  const dHead = whole ? undefined : draw.pick(divides ? [undefined, undefined, 2, 3, 4] : [2, 3, 4])
  const free = dHead !== undefined || divides
  // An output as it is has the width of the stream where that is a sum over heads.
  const same = out === 'identity' && divides ? width / heads : undefined
  const dValue = v === 'identity' ? undefined : draw.pick(free ? [same, undefined, 1, 3] : [1, 2, 3])
  const kvHeads = draw.pick(heads === 4 ? [undefined, 1, 2, 2] : [undefined, 1, heads])
  const linear = Object.entries({ q, k: scores === 'bilinear' ? 'identity' : k, v, out }).flatMap(([name, kind]) =>
    kind === 'linear' ? [name] : [],
  )
  const bias = draw.pick([undefined, undefined, true, linear.filter(() => draw.int(0, 1) === 0)])
  return attention({
    heads,
    ...given({ dHead, dValue, kvHeads, bias: bias as ('q' | 'out')[] | undefined }),
    ...{ q, k, v, out, scores },
    ...given({ scale: draw.pick([undefined, undefined, 0.7, -0.5]) }),
    ...given({ normalize: draw.pick([undefined, undefined, 'none'] as const) }),
    with: drawModifiers(draw, whole ? width : (dHead ?? width / heads)),
  })
}

/** Some of each sort, in any order. */
function drawModifiers(draw: Draw, dHead: number) {
  const shares = [1, 0.5, 0.25].filter((share) => Number.isInteger((dHead * share) / 2))
  const turn = () =>
    rotary({
      ...draw.pick([{}, { base: 100 }]),
      ...draw.pick([{}, { pairs: 'halves' as const }]),
      ...draw.pick(shares.map((share) => (share === 1 ? {} : { share }))),
    })
  const shift = () => {
    const weights = draw.pick(['free', 'gate', 'clip'] as const)
    const window = weights === 'gate' ? 2 : draw.pick([1, 2, 2, 3])
    return draw.pick([shiftMix, shiftKeys, shiftValues])({
      ...draw.pick([{ window }, window === 2 ? {} : { window }]),
      weights,
    })
  }
  const all = [...(shares.length > 0 ? [turn] : []), shift, headGate].filter(() => draw.int(0, 2) === 0)
  const ordered = draw.int(0, 1) === 0 ? all : all.reverse()
  return ordered.map((make) => make())
}

/** Without what is left out. */
function given<T extends object>(options: T): { readonly [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as object
}
