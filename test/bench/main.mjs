// npm run bench [-- --json] [--write docs/benchmarks.md] [--only paperStep,clamps] [--no-peers] [--no-node24] [--quick]
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine, nodes } from './machine.mjs'
import { insert, markdown } from './report.mjs'
import { sections } from './sections.mjs'
import { session } from './session.mjs'
import { workers } from './workers.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean' },
    /** A page whose measured part is written anew. */
    write: { type: 'string' },
    /** Only these sections; the others stay empty. */
    only: { type: 'string' },
    'no-peers': { type: 'boolean' },
    'no-node24': { type: 'boolean' },
    /** One step of each: for tests. */
    quick: { type: 'boolean' },
  },
})

const tell = (text) => process.stderr.write(`${text}\n`)

async function measure() {
  const all = {
    paperStep: sections.paperStep,
    clamps: sections.clamps,
    hooks: sections.hooks,
    sizes: sections.sizes,
    large: sections.large,
  }
  const measurers = { ...all, session, workers, passes: sections.passes, kernels: sections.kernels }
  const wanted = flags.only?.split(',') ?? Object.keys(measurers)
  const unknown = wanted.find((name) => !(name in measurers))
  if (unknown !== undefined) throw new Error(`no section ${unknown}; there are ${Object.keys(measurers).join(', ')}`)
  const effort = flags.quick ? 'quick' : 'full'
  const context = { nodes: nodes(tell, flags['no-node24']), withPeers: !flags['no-peers'], effort, tell }
  const results = {}
  for (const [name, section] of Object.entries(measurers)) {
    if (wanted.includes(name)) tell(`measuring ${name} …`)
    results[name] = wanted.includes(name) ? await section(context) : []
  }
  return results
}

const before = machine()
const { paperStep, ...others } = await measure()
const results = { paperStep: paperStep.rows ?? [], ...others }
const page = markdown({ results, measured: paperStep.measured ?? [], before, after: machine() })
if (flags.write !== undefined) writeFileSync(flags.write, insert(readFileSync(flags.write, 'utf8'), page))
process.stdout.write(flags.json ? `${JSON.stringify(results)}\n` : page)
