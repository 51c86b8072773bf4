import { ablate, at, compile } from 'opsin'
import { load } from 'opsin/models'
import { median } from './lanes.mjs'

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU ms of one call, the median of several, after a while in which nothing is measured. */
async function msOf(call, { rounds, ms }) {
  const started = performance.now()
  do await call()
  while (performance.now() - started < ms)
  const times = []
  for (let round = 0; round < rounds; round++) {
    const before = cpu()
    await call()
    times.push(cpu() - before)
  }
  return median(times)
}

/** Every head of the shipped model, and every pair of heads. */
function ablations(model) {
  const heads = [0, 1].flatMap((layer) => Array.from({ length: 8 }, (_, head) => ({ layer, head })))
  const pairs = heads.flatMap((one, i) => heads.slice(i + 1).map((other) => [one, other]))
  const site = ({ layer, head }) => at(model, `blocks.${layer}.attn.z`, { head })
  return [...heads.map((one) => [one]), ...pairs].map((list) => list.map((one) => ablate(site(one))))
}

/** A session of the shipped model: a run under another ablation each time, against one under none, and all of them. */
export async function session({ effort }) {
  const measure = effort === 'quick' ? { rounds: 1, ms: 1 } : { rounds: 200, ms: 1500 }
  const { model, parameters, task } = await load('induction-2l8h')
  const lists = ablations(model)
  const rows = []
  for (const sequences of [32, 128, 1000]) {
    const inputs = { ...task.tables, ...task.evaluator('train', sequences) }
    const compiled = await compile(model, parameters, { read: ['loss'] })
    const none = await msOf(() => compiled.run(inputs), measure)
    let next = 0
    const another = () => compiled.run(inputs, { interventions: lists[next++ % 16] })
    const ablated = await msOf(another, measure)
    const started = performance.now()
    for (const interventions of lists) await compiled.run(inputs, { interventions })
    const seconds = (performance.now() - started) / 1000
    rows.push({
      sequences,
      msPerRun: none,
      msAblated: ablated,
      ratioToNone: ablated / none,
      runs: lists.length,
      seconds,
    })
  }
  return rows
}
