/** The results as Markdown. */
export function markdown({ results, measured, before, after }) {
  const { paperStep, clamps, hooks, passes, sizes, large, session, workers, kernels } = results
  return [
    about(before, after, measured),
    table('The paper’s step', measured, {
      'who computes': ({ name }) => name,
      'ms a step': ({ msPerStep }) => ms(msPerStep),
      least: ({ least }) => ms(least),
      'by the clock': ({ wall }) => ms(wall),
      'against PyTorch eager': (row) => times(mineIn(paperStep, row)?.ratioToTorchEager),
      'against JAX jit': (row) => times(mineIn(paperStep, row)?.ratioToJax),
    }),
    table('Under each clamp', clamps, {
      clamp: ({ condition }) => condition,
      ...who,
      'against unclamped': ({ ratioToUnclamped }) => percent(ratioToUnclamped),
    }),
    table('While hook points are observed', hooks, {
      'hook points': ({ observed, where }) => (where === '' ? observed : `${observed}, ${where}`),
      ...who,
      'against none': ({ ratioToNone }) => percent(ratioToNone),
    }),
    table('Without each pass', passes, {
      without: ({ without }) => without,
      ...who,
      'against all on': ({ ratioToAllOn }) => percent(ratioToAllOn),
    }),
    table('Larger models', sizes, {
      'd, tokens': ({ dModel, length }) => `${dModel}, ${length}`,
      'who computes': ({ engine, node }) => (node === null ? engine : `${engine} on Node ${node}`),
      'ms a step': ({ msPerStep }) => msPerStep.toFixed(1),
      'GFLOP/s': ({ gflops }) => gflops.toFixed(1),
      'against PyTorch eager': ({ ratioToTorchEager }) => times(ratioToTorchEager),
      'against JAX jit': ({ ratioToJax }) => times(ratioToJax),
      'against the better of wasm and onnx': ({ ratioToBest }) => times(ratioToBest),
    }),
    table('Four layers of width 512, 256 tokens', large, {
      'what, threads': ({ pass, threads }) => `${pass}, ${threads}`,
      'who computes': ({ name }) => name,
      'CPU ms': ({ msPerStep }) => msPerStep.toFixed(1),
      'ms by the clock': ({ wall }) => wall.toFixed(1),
      'against PyTorch eager, by the clock': ({ ratioToTorchEager }) => times(ratioToTorchEager),
    }),
    table('A session of the shipped model, another head ablated each time', session, {
      sequences: ({ sequences }) => sequences,
      'ms a run': ({ msPerRun }) => ms(msPerRun),
      'ms ablated': ({ msAblated }) => ms(msAblated),
      'against none': ({ ratioToNone }) => percent(ratioToNone),
      'all heads and pairs': ({ runs, seconds }) => `${runs} in ${seconds.toFixed(2)} s`,
    }),
    table('Several runs at once', workers, {
      'runs and workers': ({ workers }) => workers,
      'steps a second': ({ stepsPerSecond }) => stepsPerSecond,
      'CPU ms a step': ({ cpuMsPerStep }) => ms(cpuMsPerStep),
      'throughput, by the clock': ({ speedup }) => times(speedup),
      'on two free cores': ({ cpuSpeedup }) => times(cpuSpeedup),
    }),
    ...[...new Set(kernels.map(titleOf))].map((title) => kernelTable(kernels, title)),
    extrapolation(clamps, workers),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const who = {
  engine: ({ engine, node }) => `${engine}, Node ${node}`,
  'ms a step': ({ msPerStep }) => ms(msPerStep),
}
const ms = (n) => n.toFixed(3)
const times = (n) => (n === null || n === undefined ? '' : `${n.toFixed(2)} ×`)
const percent = (n) => (n === null ? '' : `${(100 * n).toFixed(0)} %`)
const mineIn = (rows, { engine, node }) => rows.find((row) => row.engine === engine && row.node === node)

function about(before, after, measured) {
  const versions = [...new Set(measured.map(({ version }) => version))].join(', ')
  return `Measured on ${before.day}: ${before.cpu}, ${before.cores} cores; load average (1, 5, 15 minutes) ${before.load.join(', ')} before
and ${after.load.join(', ')} after. ${versions === '' ? '' : `${versions}.`}
`
}

function table(title, rows, columns) {
  if (rows.length === 0) return ''
  const line = (cells) => `| ${cells.join(' | ')} |`
  const names = Object.keys(columns)
  const body = rows.map((row) => line(Object.values(columns).map((cell) => cell(row))))
  return [`### ${title}`, '', line(names), line(names.map(() => '---')), ...body, ''].join('\n')
}

const titleOf = ({ workload, engine, node }) => `Where the time goes: ${workload}, ${engine}, Node ${node}`

/** The ops that take a hundredth of the time or more. */
function kernelTable(kernels, title) {
  const rows = kernels.filter((row) => titleOf(row) === title && row.share >= 0.01)
  return table(title, rows, {
    op: ({ op }) => `\`${op}\``,
    'calls a step': ({ calls }) => calls,
    'ms a step': ({ msPerStep }) => ms(msPerStep),
    share: ({ share }) => percent(share),
    'GFLOP/s': ({ gflops }) => (gflops > 0 ? gflops.toFixed(1) : ''),
  })
}

/** All main-text runs of Singh et al. 2024: 26 million sequences, as even a mix of the six conditions. */
function extrapolation(clamps, workers) {
  // More than two is noise.
  const speedup = workers[1] && Math.min(2, workers[1].cpuSpeedup)
  const engines = [...new Set(clamps.map(({ engine }) => engine))]
  if (engines.length === 0 || speedup === undefined) return ''
  const lines = engines.map((engine) => {
    const six = clamps.filter((row) => row.engine === engine).slice(1, 7)
    const mean = six.reduce((sum, { msPerStep }) => sum + msPerStep, 0) / six.length
    const minutes = ((26e6 / 32) * mean) / speedup / 60_000
    return `- \`${engine}\`: ${minutes.toFixed(1)} minutes`
  })
  const text = 'All main-text runs (26 million sequences), at the mean step of the six conditions, two at a time:'
  return `### The whole paper\n\n${text}\n\n${lines.join('\n')}\n`
}

const [from, to] = ['<!-- measured: npm run bench -- --write docs/benchmarks.md -->', '<!-- /measured -->']

/** The page with its measured part replaced. */
export function insert(page, measured) {
  const [start, end] = [page.indexOf(from), page.indexOf(to)]
  if (start < 0 || end < start) throw new Error(`the page has no ${from} … ${to}`)
  return `${page.slice(0, start)}${from}\n\n${measured}\n${page.slice(end)}`
}
