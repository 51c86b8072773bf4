import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { arch, cpus, loadavg, platform } from 'node:os'
import { Lane } from './lanes.mjs'

const root = new URL('../..', import.meta.url).pathname
const node24 = `${root}.cache/node24/node_modules/node-${platform()}-${arch()}/bin/node`

/** The Nodes to measure with: this one and, installed on demand into .cache/, Node 24. */
export function nodes(tell, onlyHere = false) {
  const here = { node: process.versions.node, path: process.execPath }
  if (onlyHere || here.node.startsWith('24.')) return [here]
  if (!existsSync(node24)) {
    const name = `node-${platform()}-${arch()}@24`
    spawnSync('npm', ['i', '--no-save', '--silent', '--prefix', `${root}.cache/node24`, name], { timeout: 120_000 })
  }
  const { stdout, status } = spawnSync(node24, ['--version'], { encoding: 'utf8' })
  if (status === 0) return [here, { node: stdout.trim().slice(1), path: node24 }]
  tell('skipped Node 24: it cannot be had from npm here')
  return [here]
}

/** A lane of ours on that Node. */
export function ours({ path }) {
  return new Lane(path, [`${root}test/bench/lane.mjs`])
}

/** Lanes of the peers, in Python: one set up for it in .cache/bench-venv, or any. They say themselves what they lack. */
export function peers(variants = ['eager', 'fused', 'compiled', 'jit']) {
  const venv = `${root}.cache/bench-venv/bin/python`
  const python = existsSync(venv) ? venv : 'python3'
  const all = [
    { name: 'PyTorch eager', file: 'torch_step.py', variant: 'eager' },
    { name: 'PyTorch eager, fused Adam', file: 'torch_step.py', variant: 'fused' },
    { name: 'PyTorch compiled', file: 'torch_step.py', variant: 'compiled' },
    { name: 'JAX jit', file: 'jax_step.py', variant: 'jit' },
  ]
  // Only those that are wanted are started: a process that nobody closes would keep the benchmark from ending.
  return all
    .filter(({ variant }) => variants.includes(variant))
    .map(({ file, ...peer }) => ({ ...peer, lane: new Lane(python, [`${root}test/bench/peers/${file}`]) }))
}

export function machine() {
  const [{ model }] = cpus()
  return {
    cpu: model,
    cores: cpus().length,
    load: loadavg().map((n) => n.toFixed(1)),
    day: new Date().toISOString().slice(0, 10),
  }
}
