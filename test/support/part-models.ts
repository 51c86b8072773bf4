import { attention, linearReadout, type Model, type Tensor, tensor, tokenInputs, transformer } from 'opsin'
import { sampleValues } from 'opsin/testing'
import * as inputs from '../../src/architectures/inputs/index.ts'
import * as mixers from '../../src/architectures/mixers/index.ts'
import * as mlps from '../../src/architectures/mlps/index.ts'
import * as norms from '../../src/architectures/norms/index.ts'
import type { PartKind } from '../../src/architectures/part.ts'
import * as positions from '../../src/architectures/positions/index.ts'
import * as readouts from '../../src/architectures/readouts/index.ts'
import * as residuals from '../../src/architectures/residuals/index.ts'

const shared = { dModel: 4, inputs: tokenInputs({ vocab: 5 }), readout: linearReadout() }

/** A family of parts: its kinds, and a model that has one. */
interface Family {
  readonly kinds: object
  model(part: any): Model
}

/** By family: every kind of part, in a model that is as small as can be. */
export const families: Readonly<Record<string, Family>> = {
  inputs: {
    kinds: inputs,
    model: (part) => transformer({ ...shared, inputs: part, readout: linearReadout({ outputs: 2 }), blocks: [] }),
  },
  mixers: {
    kinds: mixers,
    model: (part) => {
      const mixer = 'modifies' in part ? attention({ heads: 2, dHead: 4, with: [part] }) : part
      return transformer({ ...shared, blocks: [{ mixer }] })
    },
  },
  mlps: { kinds: mlps, model: (part) => transformer({ ...shared, blocks: [{ mlp: part }] }) },
  norms: { kinds: norms, model: (part) => transformer({ ...shared, blocks: [], norm: part }) },
  positions: { kinds: positions, model: (part) => transformer({ ...shared, positions: part, blocks: [] }) },
  readouts: { kinds: readouts, model: (part) => transformer({ ...shared, readout: part, blocks: [] }) },
  residuals: {
    kinds: residuals,
    model: (part) => transformer({ ...shared, blocks: [{ mixer: attention({ heads: 2 }), residual: part }] }),
  },
}

const [batch, length] = [2, 4]

const ints = (shape: number[], below: number, seed: number) =>
  tensor(shape, sampleValues([{ shape, below }], seed, 'f32')[0].data)

const floats = (shape: number[], seed: number) => tensor(shape, sampleValues([{ shape }], seed, 'f64')[0].data)

/** By kind of inputs: a batch that fits its sizes. */
const batches: Readonly<Record<string, (sizes: Record<string, number>, seed: number) => Record<string, Tensor>>> = {
  tokens: ({ vocab }, seed) => ({ tokens: ints([batch, length], vocab, seed) }),
  'one-hot': ({ vocab }, seed) => ({ tokens: ints([batch, length], vocab, seed) }),
  vectors: ({ width }, seed) => ({ vectors: floats([batch, length, width], seed) }),
  exemplars: ({ features, labels }, seed) => ({
    features: floats([4, features], seed),
    exemplars: ints([batch, 2], 4, seed),
    labels: ints([batch, 1], labels, seed + 1),
  }),
}

/** A batch for a model, with a number to hit for each of its predictions. */
export function batchFor({ config, readouts }: Model, seed: number): Record<string, Tensor> {
  const { kind, ...sizes } = config.inputs as { kind: string } & Record<string, number>
  const { at, outputs } = readouts['']
  const positions = kind === 'exemplars' ? 3 : length
  const rows = at === 'last' ? [batch] : [batch, positions]
  return { ...batches[kind](sizes, seed), targets: floats([...rows, outputs], seed + 2) }
}

/** The kinds of a family. */
export function kindsOf({ kinds }: Family): PartKind[] {
  return Object.values(kinds).filter((kind): kind is PartKind => typeof kind === 'function' && 'sample' in kind)
}
