import { attentionOnly, tensor } from 'opsin'
import { attentionPatterns, headStrengths, heatMap, lossCurves, renderSvg, terminalChart } from 'opsin/figures'
import { readNpy, readSafetensors, writeNpy, writeSafetensors } from 'opsin/io'
import { checkGradient, checkModel, checkOp, drawFrom, sampleValues } from 'opsin/testing'
import { argmax, difference, mean, norm, toTensor, view } from 'opsin/views'
import { relu } from '../../../src/ops/relu.ts'
import type { Call } from './call.ts'

const tensors = () => ({
  a: { shape: [2, 1], data: new Float32Array([1, 2]) },
  b: { shape: [1], data: new Int32Array([1]) },
})
const npy = writeNpy(tensors().a)
const safetensors = writeSafetensors(tensors(), { step: '1' })

const io: Call[] = [
  { name: 'readNpy', args: () => [npy.slice(), 'x.npy'], run: readNpy, carries: true },
  { name: 'writeNpy', args: () => [tensors().a], run: writeNpy },
  { name: 'readSafetensors', args: () => [safetensors.slice(), 'x'], run: readSafetensors, carries: true },
  { name: 'writeSafetensors', args: () => [tensors(), { step: '1' }], run: writeSafetensors },
  { name: 'view', args: () => [tensors().a], run: view, carries: true },
  { name: 'mean', args: () => [tensors().a, 0], run: mean, carries: true },
  { name: 'norm', args: () => [tensors().a, [0]], run: norm, carries: true },
  { name: 'argmax', args: () => [tensors().a, -1], run: argmax },
  { name: 'difference', args: () => [tensors().a, tensors().a], run: difference, carries: true },
  { name: 'toTensor', args: () => [view(tensors().a)], run: toTensor, carries: true },
]

const run = () => ({
  records: [0, 32].map((sequences) => ({
    step: sequences / 32,
    sequences,
    set: 'train',
    values: { loss: 1.5, 'induction-strength.1': [0.1, 0.2] },
  })),
  checkpoint: { identity: { batch: 32, interventions: [{ kind: 'clamp', when: { unit: 'steps', from: 0, to: 1 } }] } },
})
const curves = () => ({
  none: [
    [0, 1.9],
    [5000, 1.5],
  ],
  clamped: run(),
})
/** A value may be NaN, as of a run that diverged; and a run has more than its curve. */
const ofCurve = /^args\[0\].*(values|checkpoint|\["none"\]\[\d\]\[1\]|"\] = 1$|"records"\]\[\d\]\[\d\] = )/
const size = { title: 'A figure', width: 40, height: 8 }

const figures: Call[] = [
  {
    name: 'attentionPatterns',
    args: () => [
      { shape: [1, 2, 2, 2], data: new Float32Array(8) },
      { title: 'A', item: 0, columns: 2, cell: 9, tokens: ['a', 'b'] },
    ],
    run: attentionPatterns,
    carries: true,
  },
  {
    name: 'lossCurves',
    args: () => [
      curves(),
      {
        ...size,
        probe: 'loss',
        set: 'train',
        scale: 'log',
        label: 'loss',
        bands: [{ from: 0, to: 32, label: 'x' }],
        levels: [{ value: 1, label: 'one' }],
        compare: { label: 'paper', curves: { none: [[0, 1.9]] } },
      },
    ],
    run: lossCurves,
    carries: true,
    free: ofCurve,
  },
  {
    // Its windows are marked.
    name: 'lossCurves of a run',
    args: () => [run()],
    run: lossCurves,
    carries: true,
    free: /values|"\] = 1$|"records"\]\[\d\]\[\d\] = /,
  },
  {
    name: 'headStrengths',
    args: () => [run(), { ...size, layer: 1, set: 'train' }],
    run: headStrengths,
    carries: true,
    free: ofCurve,
  },
  {
    name: 'heatMap',
    args: () => [
      { shape: [2, 1], data: new Float32Array([1, 2]) },
      { title: 'A', rows: ['a', 'b'], columns: ['c'], label: 'cost', scale: 'sqrt', digits: 1, cell: 9 },
    ],
    run: heatMap,
    // A cell of NaN is blank.
    free: /^args\[0\].*data/,
  },
  {
    name: 'terminalChart',
    args: () => [curves(), { ...size, probe: 'loss', set: 'train', colors: false }],
    run: terminalChart,
    free: ofCurve,
  },
  {
    name: 'renderSvg',
    args: () => [{ mark: 'point', data: { values: [{ x: 1 }] }, encoding: { x: { field: 'x' } } }],
    run: renderSvg,
    free: /./,
  },
]

const tokenModel = attentionOnly({ layers: 1, heads: 1, dModel: 2, inputs: { kind: 'tokens', vocab: 3 } })
const tokenInputs = () => ({
  tokens: tensor([1, 2], new Int32Array([0, 2])),
  targets: tensor([1], new Int32Array([1])),
})

const testing: Call[] = [
  { name: 'drawFrom', args: () => [7], run: (seed) => drawFrom(seed).size(4) },
  { name: 'sampleValues', args: () => [[{ shape: [2] }, { shape: [2], below: 5 }], 7, 'f64'], run: sampleValues },
  {
    name: 'checkGradient',
    args: () => [
      (builder: Parameters<Extract<Parameters<typeof checkGradient>[0], (...args: any[]) => unknown>>[0]) => {
        const weight = builder.input('weight', [2], 'parameter')
        return builder.op('multiply', [weight, weight])
      },
      { seed: 1, point: 'loss', values: { weight: [1, 2] }, tolerance: 1e-6 },
    ],
    run: checkGradient,
    free: /values/,
  },
  { name: 'checkOp', args: () => [relu, { samples: 2 }], run: checkOp, free: /^args\[0\]/ },
  { name: 'checkModel', args: () => [tokenModel, tokenInputs()], run: checkModel },
]

/** Of the doors beside the main one. */
export const beside = [...io, ...figures, ...testing]
