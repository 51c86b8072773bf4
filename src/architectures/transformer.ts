import { count, flag, optional, type Rule, readOptions, text } from '../core/check.ts'
import { defined } from '../core/defined.ts'
import { listOf, object } from '../core/fields.ts'
import { fitsGlob, globsOf, someGlobs } from '../core/glob.ts'
import { unknownName } from '../core/nearest.ts'
import { type Block, blockParameters, blockPoints, emitBlock, widthAfter } from './block.ts'
import type { HookPoint, Model, ParameterSpec, ReadoutSite } from './define.ts'
import type { Initializer } from './initializers/index.ts'
import type { Inputs } from './inputs/input.ts'
import { defineModel } from './model.ts'
import type { Norm } from './norms/norm.ts'
import { type AnyPart, type Place, parametersAt, partJson, pointsAt } from './part.ts'
import { perToken, predictions, scalar } from './points.ts'
import type { PositionCode } from './positions/positions.ts'
import type { Readout } from './readouts/readout.ts'
import type { TransformerPoints } from './transformer-points.ts'

/** Options of {@link transformer}: its parts, each made by the function of its kind. */
export interface TransformerOptions {
  /** Width of the residual stream; needed where the inputs are embedded. */
  readonly dModel?: number
  readonly inputs: Inputs
  /** Joined to the embedding; default none. (Rotary positions are a modifier of attention.) */
  readonly positions?: PositionCode
  readonly blocks: readonly Block[]
  /** Before the read-outs (`ln_final`); default none. */
  readonly norm?: Norm
  /** Its hook point is `logits`; without one there are none. */
  readonly readout?: Readout
  /** Several, by name: their hook points are `readouts.{name}.input`, `readouts.{name}.logits`. */
  readonly readouts?: Readonly<Record<string, Readout>>
  /** Whether a token sees only itself and what came before; default true. */
  readonly causal?: boolean
  /** How parameters start, by globs of their names: the first that fits says; default what their parts say. */
  readonly initializers?: readonly InitializerRule[]
}

/** The initialiser of parameters whose names match a glob. */
export interface InitializerRule {
  /** In which `*` stands for any characters. */
  readonly match: string | readonly string[]
  readonly initializer: Initializer
}

/** A part of a family that has these functions. */
function partWith(...functions: string[]): Rule<any> {
  return {
    expected: `a part with ${functions.join(', ')}, as the function of its kind makes it`,
    fits: (value) =>
      object.fits(value) &&
      text.fits((value as Partial<AnyPart>).kind) &&
      object.fits((value as Partial<AnyPart>).options) &&
      functions.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
  }
}

const aPart = partWith('emit', 'points', 'parameters')

const blockTable = {
  mixer: optional(partWith('emit', 'points', 'parameters', 'width')),
  mlp: optional(aPart),
  norm: optional(aPart),
  residual: optional(partWith('join', 'width')),
  parallel: optional(flag, false),
} satisfies Record<keyof Block, Rule<any>>

const readoutName = /^[a-z][a-z0-9_-]*$/

const table = {
  dModel: optional(count(2 ** 20)),
  inputs: partWith('emit', 'points', 'parameters', 'width', 'sizes', 'length', 'positions'),
  positions: optional(aPart),
  blocks: listOf(object, 'a list of blocks { mixer, mlp, norm, residual, parallel }'),
  norm: optional(aPart),
  readout: optional(aPart),
  readouts: optional<unknown, Readonly<Record<string, Readout>> | undefined>(
    {
      expected: 'at least one read-out, by a name in lower case',
      fits: (value) =>
        object.fits(value) &&
        Object.keys(value as object).length > 0 &&
        Object.entries(value as object).every(([name, one]) => readoutName.test(name) && aPart.fits(one)),
    },
    undefined,
  ),
  causal: optional(flag, true),
  initializers: optional<readonly InitializerRule[], readonly InitializerRule[]>(
    listOf(object as Rule<InitializerRule>, 'rules { match, initializer }'),
    [],
  ),
} satisfies Record<keyof TransformerOptions, Rule<any>>

/**
 * A transformer composed of parts: what sequences are made of, positions, a list of blocks that may all be different, and
 * one read-out or several. Its hook points, their axes and their types are those of its parts.
 *
 * @throws OpsinError `NAME` for options that do not exist, `VALUE` and `SHAPE` for parts that do not fit together.
 * @example
 * import { addResidual, at, attention, geluMlp, layerNorm, learnedPositions, linearReadout, tokenInputs, transformer } from 'opsin'
 * const model = transformer({
 *   dModel: 32,
 *   inputs: tokenInputs({ vocab: 65 }),
 *   positions: learnedPositions({ maxLength: 64 }),
 *   blocks: [
 *     { mixer: attention({ heads: 4 }), norm: layerNorm() },
 *     { mixer: attention({ heads: 4, normalize: 'none' }), mlp: geluMlp(), norm: layerNorm() },
 *   ],
 *   norm: layerNorm(),
 *   readout: linearReadout(),
 * })
 * at(model, 'blocks.1.mlp.post', { d_mlp: 0 }) // and 'blocks.0.mlp.post' does not compile
 */
export function transformer<const O extends TransformerOptions>(options: O): Model<TransformerPoints<O>> {
  const parts = readOptions('transformer', options, table) as unknown as Parts
  parts.blocks.forEach((block, i) => void readOptions(`transformer: blocks[${i}]`, block, blockTable))
  return assemble(parts)
}

/** The options once they are read. */
type Parts = TransformerOptions & Required<Pick<TransformerOptions, 'causal' | 'initializers'>>

function assemble(parts: Parts): Model {
  const { inputs, dModel, causal } = parts
  const layout = layOut(parts)
  const parameters = initialized(parametersOf(parts, layout), parts.initializers)
  const sites = Object.entries(readoutsOf(parts)).map(([name, one]) => [name, siteOf(name, one, parts, layout)])
  return defineModel({
    architecture: 'transformer',
    config: configOf(parts),
    parameters,
    points: Object.fromEntries(pointsOf(parts, layout)),
    readouts: Object.fromEntries(sites),
    causal,
    sizes: (given) => inputs.sizes(given),
    length: (sizes) => inputs.length(sizes),
    positions: (sizes) => inputs.positions(sizes),
    emit: (place) => forward(parts, place.inside('', inputs.width(dModel))),
  })
}

const ruleTable = { match: someGlobs, initializer: object }

/** The parameters, each started as the first rule says that fits its name. @throws OpsinError `NAME` for a glob that fits none. */
function initialized(specs: readonly ParameterSpec[], rules: readonly InitializerRule[]): ParameterSpec[] {
  rules.forEach((rule, i) => {
    const where = `transformer: initializers[${i}]`
    readOptions(where, rule, ruleTable)
    for (const glob of globsOf(rule.match)) {
      if (specs.some(({ name }) => fitsGlob(glob, name))) continue
      const names = specs.map(({ name }) => name)
      throw unknownName(`${where}.match`, 'a glob that fits a parameter', glob, names)
    }
  })
  return specs.map((spec) => {
    const rule = rules.find(({ match }) => globsOf(match).some((glob) => fitsGlob(glob, spec.name)))
    return rule === undefined ? spec : { ...spec, initializer: rule.initializer }
  })
}

/** d_model before each block, and after the last. */
interface Layout {
  readonly embed: number
  readonly blocks: readonly number[]
  readonly final: number
}

function layOut({ inputs, dModel, positions, blocks }: Parts): Layout {
  const embed = inputs.width(dModel)
  const widths = [positions?.width(embed) ?? embed]
  for (const block of blocks) widths.push(widthAfter(block, widths[widths.length - 1]))
  return { embed, blocks: widths.slice(0, -1), final: widths[widths.length - 1] }
}

/** All read-outs by name; one alone has the name `''`. */
function readoutsOf({ readout, readouts }: Parts): Readonly<Record<string, Readout>> {
  return { ...(readout === undefined ? {} : { '': readout }), ...readouts }
}

/** The prefix of a read-out's names. */
function readoutPrefix(name: string): string {
  return name === '' ? '' : `readouts.${name}.`
}

function siteOf(name: string, readout: Readout, { inputs }: Parts, { final }: Layout): ReadoutSite {
  const prefix = readoutPrefix(name)
  const outputs = readout.outputs({ width: final, inputs })
  return { logits: `${prefix}logits`, loss: `${prefix}loss`, at: readout.at, outputs }
}

function parametersOf(parts: Parts, { embed, blocks, final }: Layout): ParameterSpec[] {
  const { inputs, dModel, positions, norm } = parts
  const inBlocks = parts.blocks.flatMap((block, i) =>
    blockParameters(block, blocks[i]).map((spec) => ({ ...spec, name: `blocks.${i}.${spec.name}` })),
  )
  return [
    ...parametersAt('', inputs, dModel),
    ...parametersAt('', positions, embed),
    ...inBlocks,
    ...parametersAt('ln_final.', norm, final),
    ...Object.entries(readoutsOf(parts)).flatMap(([name, one]) =>
      parametersAt(readoutPrefix(name), one, { width: final, inputs }),
    ),
  ]
}

function pointsOf(parts: Parts, layout: Layout): [string, HookPoint][] {
  const { inputs, dModel, positions, norm } = parts
  const { embed, blocks, final } = layout
  const readouts = Object.entries(readoutsOf(parts)).flatMap(([name, one]): [string, HookPoint][] => {
    const { logits, loss, outputs } = siteOf(name, one, parts, layout)
    const input: [string, HookPoint][] = name === '' ? [] : [[`${readoutPrefix(name)}input`, perToken(final)]]
    const own: [string, HookPoint][] = name === '' ? [] : [[loss, scalar]]
    return [
      ...input,
      ...pointsAt(readoutPrefix(name), one, { width: final, inputs }),
      [logits, predictions(outputs)],
      ...own,
    ]
  })
  return [
    ['embed', perToken(embed)],
    ...pointsAt('', inputs, dModel),
    ...pointsAt('', positions, embed),
    ...parts.blocks.flatMap((block, i) =>
      blockPoints(block, blocks[i]).map(([name, point]): [string, HookPoint] => [`blocks.${i}.${name}`, point]),
    ),
    ...pointsAt('ln_final.', norm, final),
    ...readouts,
    ...(readouts.length === 0 ? [] : ([['loss', scalar]] as [string, HookPoint][])),
  ]
}

function forward(parts: Parts, place: Place): void {
  const { inputs, positions, norm } = parts
  const embedded = place.point('embed', inputs.emit(place))
  let x = positions?.emit(place, embedded) ?? embedded
  parts.blocks.forEach((block, i) => {
    x = emitBlock(block, placeFor(place, `blocks.${i}.`, x), x)
  })
  const normed = norm?.emit(placeFor(place, 'ln_final.', x), x) ?? x
  const readouts = Object.entries(readoutsOf(parts))
  for (const [name, readout] of readouts) {
    // Each has a node of its own to read: one that is another's hook point as well would carry what is done there.
    const own = readouts.length > 1 ? place.op('reshape', [normed], { shape: place.shapeOf(normed) }) : normed
    emitReadout(readout, placeFor(place, readoutPrefix(name), own), own, name, inputs)
  }
}

function placeFor(place: Place, prefix: string, x: number): Place {
  return place.inside(prefix, place.shapeOf(x)[2])
}

function emitReadout(readout: Readout, place: Place, normed: number, name: string, inputs: Inputs): void {
  const whole = name === '' ? normed : place.point('input', normed)
  const read = readout.at === 'last' ? place.op('take', [whole], { axis: 1, indices: [place.length - 1] }) : whole
  place.point('logits', readout.emit(place, read, { width: place.width, inputs }))
}

/** JSON that rebuilds the model. */
function configOf({ blocks, readouts, initializers, ...rest }: Parts): Model['config'] {
  const json = (part: AnyPart | undefined) => part && partJson(part)
  return defined({
    dModel: rest.dModel,
    inputs: partJson(rest.inputs),
    positions: json(rest.positions),
    blocks: blocks.map(({ mixer, mlp, norm, residual, parallel }) =>
      defined({
        mixer: json(mixer),
        mlp: json(mlp),
        norm: json(norm),
        residual: json(residual),
        parallel: parallel || undefined,
      }),
    ),
    norm: json(rest.norm),
    readout: json(rest.readout),
    readouts: readouts && Object.fromEntries(Object.entries(readouts).map(([name, one]) => [name, partJson(one)])),
    causal: rest.causal,
    initializers: initializers.length === 0 ? undefined : initializers,
  })
}
