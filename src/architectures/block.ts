import type { NodeId } from '../graph/node.ts'
import type { HookPoint, ParameterSpec } from './define.ts'
import type { Mixer } from './mixers/mixer.ts'
import type { Mlp } from './mlps/mlp.ts'
import type { Norm } from './norms/norm.ts'
import { type Place, type PointsOf, parametersAt, pointsAt } from './part.ts'
import { perToken } from './points.ts'
import { addResidual } from './residuals/add.ts'
import type { Residual } from './residuals/residual.ts'

/** One block of a transformer: a mixer, an MLP, or both, each behind a norm and joined to the residual stream. */
export interface Block {
  readonly mixer?: Mixer
  readonly mlp?: Mlp
  /** Before the mixer (`ln1`) and before the MLP (`ln2`), each with weights of its own; default none. */
  readonly norm?: Norm
  /** Default x + f(x). */
  readonly residual?: Residual
  /** Whether the MLP reads what the mixer reads rather than what it gives, as in GPT-NeoX; default no. */
  readonly parallel?: boolean
}

/** The two places of a block where something is added to the residual stream. */
const branches = {
  mixer: { norm: 'ln1.', out: 'attn_out' },
  mlp: { norm: 'ln2.', out: 'mlp_out' },
} as const

type Branch = keyof typeof branches

function branchesOf(block: Block): Branch[] {
  return (Object.keys(branches) as Branch[]).filter((branch) => block[branch] !== undefined)
}

/** Whether there is a value between mixer and MLP that has a name of its own. */
function hasMiddle(block: Block): boolean {
  return branchesOf(block).length === 2 && block.parallel !== true
}

function addedWidth(block: Block, branch: Branch, width: number): number {
  return branch === 'mixer' ? (block.mixer as Mixer).width(width) : width
}

/** d_model of what each branch of a block reads, and after the block. */
function widthsOf(
  block: Block,
  width: number,
): { readonly reads: Partial<Record<Branch, number>>; readonly after: number } {
  const residual = block.residual ?? addResidual()
  const reads: Partial<Record<Branch, number>> = {}
  let after = width
  for (const branch of branchesOf(block)) {
    reads[branch] = block.parallel ? width : after
    after = residual.width(after, addedWidth(block, branch, reads[branch]))
  }
  return { reads, after }
}

/** d_model after a block. */
export function widthAfter(block: Block, width: number): number {
  return widthsOf(block, width).after
}

/** A block's hook points by their names inside it, in firing order. */
export function blockPoints(block: Block, width: number): [string, HookPoint][] {
  const { reads, after } = widthsOf(block, width)
  const points: [string, HookPoint][] = [['resid_pre', perToken(width)]]
  for (const branch of branchesOf(block)) {
    const { norm, out } = branches[branch]
    const own = reads[branch] as number
    if (branch === 'mlp' && hasMiddle(block)) points.push(['resid_mid', perToken(own)])
    points.push(...pointsAt(norm, block.norm, own), ...pointsAt('', block[branch], own))
    points.push([out, perToken(addedWidth(block, branch, own))])
  }
  return [...points, ['resid_post', perToken(after)]]
}

/** A block's parameters by their names inside it. */
export function blockParameters(block: Block, width: number): ParameterSpec[] {
  const { reads } = widthsOf(block, width)
  return branchesOf(block).flatMap((branch) => {
    const own = reads[branch] as number
    return [...parametersAt(branches[branch].norm, block.norm, own), ...parametersAt('', block[branch], own)]
  })
}

/** [batch, pos, d_model] → [batch, pos, d_model after the block]. */
export function emitBlock(block: Block, place: Place, input: NodeId): NodeId {
  const residual = block.residual ?? addResidual()
  const x = place.point('resid_pre', input)
  let stream = x
  for (const branch of branchesOf(block)) {
    const { norm, out } = branches[branch]
    if (branch === 'mlp' && hasMiddle(block)) stream = place.point('resid_mid', stream)
    const read = block.parallel ? x : stream
    const width = place.shapeOf(read)[2]
    const normed = block.norm?.emit(place.inside(norm, width), read) ?? read
    const part = block[branch] as Mixer | Mlp
    const added = place.point(out, part.emit(place.inside('', width), normed))
    stream = residual.join(place, stream, added)
  }
  return place.point('resid_post', stream)
}

/** Points of a block's part that may be missing. */
type Of<B, Name extends keyof Block> = B extends { readonly [N in Name]: infer P extends object } ? P : never

type TableOf<P> = [P] extends [never] ? unknown : PointsOf<P>

/** A table of points with something in front of each name. */
export type Prefixed<Prefix extends string, Table> = {
  readonly [Name in keyof Table & string as `${Prefix}${Name}`]: Table[Name]
}

type Stream = ReturnType<typeof perToken>

type BranchPoints<B, Name extends Branch> = [Of<B, Name>] extends [never]
  ? unknown
  : TableOf<Of<B, Name>> &
      Prefixed<(typeof branches)[Name]['norm'], TableOf<Of<B, 'norm'>>> & {
        readonly [Out in (typeof branches)[Name]['out']]: Stream
      }

type MiddlePoint<B> = [Of<B, 'mixer'>] extends [never]
  ? unknown
  : [Of<B, 'mlp'>] extends [never]
    ? unknown
    : B extends { readonly parallel: true }
      ? unknown
      : { readonly resid_mid: Stream }

/** The hook points of a block by their names inside it, as a type. */
export type BlockPoints<B> = { readonly resid_pre: Stream; readonly resid_post: Stream } & BranchPoints<B, 'mixer'> &
  BranchPoints<B, 'mlp'> &
  MiddlePoint<B>
