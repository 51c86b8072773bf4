import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { arch, cpus, loadavg, platform } from 'node:os'
import { Lane } from './lanes.mjs'

const root = new URL('../..', import.meta.url).pathname
/** The Nodes to measure with: this one and, installed on demand into a folder, Node 24. */
export function nodes(tell, onlyHere = false, folder = `${root}.cache/node24`) {
  const here = { node: process.versions.node, path: process.execPath }
  if (onlyHere || here.node.startsWith('24.')) return [here]
  const name = `node-${platform()}-${arch()}`
  const node24 = `${folder}/node_modules/${name}/bin/node`
  if (!existsSync(node24)) {
    // npm, told by .npmrc to be strict, looks at the folder before it makes it.
    mkdirSync(folder, { recursive: true })
    spawnSync('npm', ['i', '--no-save', '--silent', '--prefix', folder, `${name}@24`], { cwd: root, timeout: 120_000 })
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
