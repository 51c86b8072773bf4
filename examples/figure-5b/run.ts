import { pathToFileURL } from 'node:url'
import { adam, crossEntropyProbe, type EngineRequest, fewShot, type TrainingRun, train } from 'opsin'
import { lossCurves, renderSvg } from 'opsin/figures'
import { ensureFolder, writeAtomic } from 'opsin/node'
import { conditions, model } from './conditions.ts'

/** The study: the same model, seed and batches under each of the six conditions. */
export async function study(
  sequences: number,
  engine: EngineRequest = 'wasm',
  onDone: (name: string, run: TrainingRun) => void = () => {},
): Promise<Readonly<Record<string, TrainingRun>>> {
  const heldOutLabels = [
    [1, 3],
    [0, 2],
  ]
  const task = fewShot({ classes: 50, labels: 5, heldOutLabels })
  const runs: Record<string, TrainingRun> = {}
  for (const [name, interventions] of Object.entries(conditions)) {
    runs[name] = await train(model, task, {
      sequences,
      engine,
      interventions,
      seed: 5,
      optimizer: adam({ lr: 1e-5 }),
      probes: [crossEntropyProbe()],
      evaluateAt: [0, 1000, ...Array.from({ length: Math.floor(sequences / 5000) }, (_, i) => (i + 1) * 5000)],
    })
    onDone(name, runs[name])
  }
  return runs
}

/** Runs the study and draws it: `run.js [sequences] [folder]`. */
async function program([sequences = '400000', folder = 'out/examples/figure-5b']: readonly string[]): Promise<void> {
  ensureFolder(folder)
  const runs = await study(Number(sequences), 'fastest', (name, { records }) => {
    console.log(name.padEnd(15), Number(records[records.length - 1].values.loss).toFixed(3))
  })
  const levels = [{ value: Math.LN2, label: 'ln 2' }]
  writeAtomic(`${folder}/figure-5b.svg`, await renderSvg(lossCurves(runs, { title: 'Clamped from the start', levels })))
  console.log(`${folder}/figure-5b.svg`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await program(process.argv.slice(2))
