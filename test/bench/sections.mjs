import { engineNames, passNames } from 'opsin'
import { conditions5b } from 'opsin/reproduce'
import { paper } from './cases.mjs'
import { flopsOfStep } from './flops.mjs'
import { compare, ratio } from './lanes.mjs'
import { ours, peers } from './machine.mjs'

/** How long everything is measured; `quick` only shows that it works. */
const efforts = {
  full: {
    step: { rounds: 15, ms: 150 },
    variant: { rounds: 13, ms: 100 },
    size: { rounds: 5, ms: 200 },
    large: { rounds: 7, ms: 1000 },
    profile: { ms: 2000, warm: 1000 },
  },
  quick: {
    step: { rounds: 1, ms: 1, warm: 1 },
    variant: { rounds: 1, ms: 1, warm: 1 },
    size: { rounds: 1, ms: 1, warm: 1 },
    large: { rounds: 1, ms: 1, warm: 1 },
    profile: { ms: 1, warm: 1 },
  },
}

const round = (x, digits = 4) => Number(x.toFixed(digits))

/** The paper's step on every engine that can run, on every Node, against the peers; each in a process of its own. */
async function paperStep({ nodes, withPeers, effort, tell }) {
  const mine = nodes.flatMap((node) =>
    engineNames.map((engine) => ({
      name: `${engine} on Node ${node.node}`,
      engine,
      node: node.node,
      lane: ours(node),
      spec: { ...paper, engine },
    })),
  )
  const theirs = withPeers ? peers().map((peer) => ({ ...peer, peer: peer.name, spec: paper })) : []
  const measured = await compare([...mine, ...theirs], efforts[effort].step, tell)
  for (const { lane } of [...mine, ...theirs]) lane.close()
  const of = (peer) => measured.find((one) => one.peer === peer)
  const [eager, jax] = [of('PyTorch eager'), of('JAX jit')]
  const row = (one) => ({
    engine: one.engine,
    node: one.node,
    msPerStep: round(one.msPerStep),
    ratioToTorchEager: ratio(eager, one),
    ratioToJax: ratio(jax, one),
  })
  return { rows: measured.filter(({ peer }) => peer === undefined).map(row), measured }
}

/** The fast engine of each Node: what the variants are measured on. */
function fastest(nodes) {
  return nodes.map((node) => ({ ...node, engine: Number.parseInt(node.node, 10) >= 22 ? 'wasm-fma' : 'wasm' }))
}

/** Variants of the paper's step against the first of them, all in one process. */
async function variants({ nodes, effort, tell }, list) {
  const rows = []
  for (const node of fastest(nodes)) {
    const lane = ours(node)
    const entries = list.map(({ name, ...more }) => ({ name, lane, spec: { ...paper, engine: node.engine, ...more } }))
    const measured = await compare(entries, efforts[effort].variant, tell)
    lane.close()
    for (const one of measured) {
      const times = { msPerStep: round(one.msPerStep), ratio: ratio(one, measured[0]) }
      rows.push({ name: one.name, spec: one.spec, engine: node.engine, node: node.node, ...times })
    }
  }
  return rows
}

async function clamps(context) {
  const conditions = Object.entries(conditions5b).map(([name, clamp]) => ({ name, clamp }))
  const rows = await variants(context, [
    { name: 'unclamped' },
    ...conditions,
    { name: 'preserve patterns (a replica)', clamp: { preserve_patterns: true, ablate_heads: ['0:1', '0:4'] } },
    { name: 'head temperature (a replica)', clamp: { set_head_temperature: ['1:3:0.5', '1:6:2.0'] } },
  ])
  return rows.map(({ name, spec: _, ratio: ratioToUnclamped, ...row }) => ({
    condition: name,
    ...row,
    ratioToUnclamped,
  }))
}

/** Twelve points of the first block, where every position is computed anyway; and six each of both. */
const firstBlock = ['resid_pre', 'ln1.scale', 'ln1.normalized', 'attn.rot_q', 'attn.rot_k', 'attn.scores'].map(
  (point) => `blocks.0.${point}`,
)
const perBlock = ['attn.q', 'attn.k', 'attn.v', 'attn.pattern', 'attn.z', 'attn_out']
const inBlock = (block) => perBlock.map((point) => `blocks.${block}.${point}`)

/** Six of the last block, as far as the loss needs them: the keys of all positions, everything else of the last. */
const atLast = [
  'blocks.1.attn.k',
  { point: 'blocks.1.attn.pattern', select: { query: 'last' } },
  ...['attn.q', 'attn.z', 'attn_out', 'resid_post'].map((name) => ({
    point: `blocks.1.${name}`,
    select: { pos: 'last' },
  })),
]

async function hooks(context) {
  const rows = await variants(context, [
    { name: '' },
    { name: 'first block', observe: ['blocks.0.attn.pattern'] },
    { name: 'last block', observe: ['blocks.1.attn.pattern'] },
    { name: 'values of the last block', observe: ['blocks.1.attn.v'] },
    { name: 'last block, last position', observe: [{ point: 'blocks.1.attn.pattern', select: { query: 'last' } }] },
    { name: 'first block', observe: [...firstBlock, ...inBlock(0)] },
    { name: 'both blocks', observe: [...inBlock(0), ...inBlock(1)] },
    { name: 'both blocks, last position of the last', observe: [...inBlock(0), ...atLast] },
  ])
  return rows.map(({ name: where, ratio: ratioToNone, spec, ...row }) => ({
    observed: spec.observe?.length ?? 0,
    where,
    ...row,
    ratioToNone,
  }))
}

async function passes(context) {
  const rows = await variants(context, [
    { name: 'none' },
    ...passNames.map((pass) => ({ name: pass, without: [pass] })),
    { name: 'all', without: [...passNames] },
  ])
  return rows.map(({ name, spec: _, ratio: ratioToAllOn, ...row }) => ({ without: name, ...row, ratioToAllOn }))
}

/** 1024 tokens a step through two layers with an MLP. */
function larger(dModel, length) {
  const model = { layers: 2, heads: 8, dModel, mlpRatio: 4, inputs: { kind: 'tokens', vocab: 64 } }
  return { model, task: { kind: 'tokens', vocab: 64, length }, batch: 1024 / length }
}

const shapes = [64, 128, 256, 512].flatMap((dModel) => [64, 256].map((length) => ({ dModel, length })))

/** Every engine that is meant to be fast on this Node. */
const enginesOn = (node) => [...fastest([node]), { ...node, engine: 'onnx' }, { ...node, engine: 'auto' }]

async function sizes({ nodes, withPeers, effort, tell }) {
  const mine = nodes.flatMap((node) => {
    const lane = ours(node)
    return enginesOn(node).map((one) => ({ ...one, name: one.engine, lane }))
  })
  const theirs = withPeers ? peers(['eager', 'jit']) : []
  const rows = []
  for (const { dModel, length } of effort === 'quick' ? shapes.slice(0, 1) : shapes) {
    const spec = larger(dModel, length)
    const entries = [...mine, ...theirs].map((one) => ({ ...one, spec: { ...spec, engine: one.engine } }))
    const measured = await compare(entries, efforts[effort].size, tell)
    const [eager, jax] = ['PyTorch eager', 'JAX jit'].map((peer) => measured.find(({ name }) => name === peer))
    for (const one of measured) {
      const { name, engine = name, node = null, msPerStep } = one
      const gflops = round(flopsOfStep(spec) / msPerStep / 1e6, 1)
      const against = { ratioToTorchEager: ratio(eager, one), ratioToJax: ratio(jax, one) }
      const others = measured.filter((other) => other.node === node && other.engine !== 'auto' && node !== null)
      const best = others.length === 0 ? null : Math.min(...others.map((other) => ratio(other, one)))
      const row = { dModel, length, batch: spec.batch, engine, node, msPerStep: round(msPerStep, 2), gflops }
      rows.push({ ...row, ...against, ratioToBest: best })
    }
  }
  for (const { lane } of [...mine, ...theirs]) lane.close()
  return rows
}

/** Four layers of width 512 with MLPs, 256 tokens: a forward pass and a training step, on one thread and on two. */
async function large({ nodes, withPeers, effort, tell }) {
  const model = { layers: 4, heads: 8, dModel: 512, mlpRatio: 4, inputs: { kind: 'tokens', vocab: 64 } }
  const small = { ...model, layers: 1, dModel: 64 }
  const spec = { model: effort === 'quick' ? small : model, task: { kind: 'tokens', vocab: 64, length: 256 }, batch: 1 }
  const [here] = nodes.slice(-1)
  const rows = []
  for (const threads of [1, 2]) {
    for (const pass of ['forward', 'training step']) {
      const engines = threads === 1 ? [...fastest([here]).map(({ engine }) => engine), 'onnx'] : ['onnx:2']
      const mine = engines.map((engine) => ({
        name: engine,
        engine,
        lane: ours(here),
        spec: { ...spec, engine, pass },
      }))
      const theirs = withPeers
        ? peers(['eager', 'fused']).map((one) => ({ ...one, spec: { ...spec, pass, threads } }))
        : []
      const measured = await compare([...mine, ...theirs], efforts[effort].large, tell)
      for (const { lane } of [...mine, ...theirs]) lane.close()
      const [eager] = measured.filter(({ name }) => name === 'PyTorch eager')
      const clock = (one) => eager && { ...one, times: one.walls }
      for (const one of measured) {
        const times = { msPerStep: round(one.msPerStep, 2), wall: round(one.wall, 2) }
        // Threads share the work, so that the clock tells what CPU time does not.
        rows.push({ name: one.name, threads, pass, ...times, ratioToTorchEager: ratio(clock(eager), clock(one)) })
      }
    }
  }
  return rows
}

/** Where a step's time goes, by op. */
async function kernels({ nodes, effort, tell }) {
  const workloads = {
    'the paper’s step': paper,
    ...(effort === 'quick' ? {} : { 'd 256, 256 tokens': larger(256, 256) }),
  }
  const rows = []
  for (const node of fastest(nodes)) {
    for (const [workload, spec] of Object.entries(workloads)) {
      const lane = ours(node)
      const asked = { do: 'profile', spec: { ...spec, engine: node.engine }, ...efforts[effort].profile }
      const { kernels = [], error } = await lane.ask(asked)
      lane.close()
      if (error !== undefined) tell(`skipped kernels of ${node.engine}: ${error}`)
      rows.push(...shares(kernels).map((row) => ({ workload, engine: node.engine, node: node.node, ...row })))
    }
  }
  return rows
}

function shares(kernels) {
  const whole = kernels.reduce((sum, { msPerStep }) => sum + msPerStep, 0)
  return kernels
    .sort((a, b) => b.msPerStep - a.msPerStep)
    .map(({ op, calls, msPerStep, gflops }) => ({
      op,
      calls: Math.round(calls),
      msPerStep: round(msPerStep),
      share: round(msPerStep / whole),
      gflops: round(gflops, 1),
    }))
}

export const sections = { paperStep, clamps, hooks, sizes, large, passes, kernels }
