import {
  ablate,
  accuracyProbe,
  at,
  crossEntropyProbe,
  except,
  type Intervention,
  inductionStrength,
  type Model,
  type Reading,
} from 'opsin'
import type { LoadedModel } from 'opsin/models'
import type { StudySession } from './session.ts'

const LAYERS = 2
const HEADS = 8

/** A head, counted from 0 in its layer, itself counted from 0. */
interface Head {
  readonly layer: number
  readonly head: number
}

/** All heads, layer by layer: the rows of the maps. */
const heads: readonly Head[] = Array.from({ length: LAYERS * HEADS }, (_, i) => ({
  layer: Math.floor(i / HEADS),
  head: i % HEADS,
}))

/** `1.3`: head 3 of layer 1. */
export const labels = heads.map(({ layer, head }) => `${layer}.${head}`)

export interface Measure {
  /** Mean cross-entropy, in nats. */
  readonly loss: number
  /** Share of right answers; chance is 0.2. */
  readonly accuracy: number
}

/** What was measured. It names the engine that made it. */
export interface Result {
  readonly engine: string
  /** How many training sequences each number is a mean over. */
  readonly sequences: number
  readonly intact: Measure
  /** Without heads i and j, in the order of {@link labels}; on the diagonal without one. */
  readonly pairs: readonly (readonly Measure[])[]
  /** For each head of layer 1: with it as the only one of its layer. */
  readonly alone: readonly Measure[]
  /** Induction strength of the heads of layer 1, in the intact model. */
  readonly strength: readonly number[]
}

/** Ablates every head, every pair of heads, and all heads of layer 1 but one. */
export async function study({ model, task }: LoadedModel, session: StudySession, sequences: number): Promise<Result> {
  const batch = task.evaluator('train', sequences)
  const inputs = { ...task.tables, ...batch }
  const run = async (interventions: readonly Intervention[]) => {
    const { cache } = await session.run(inputs, { interventions })
    return { points: cache, batch }
  }
  const without = async (interventions: readonly Intervention[]) => measured(await run(interventions))
  const intact = await run([])
  const pairs: Measure[][] = heads.map(() => [])
  for (const [i, first] of heads.entries()) {
    for (const [j, second] of heads.slice(0, i + 1).entries()) {
      const measure = await without((i === j ? [first] : [first, second]).map((one) => removal(model, one)))
      pairs[i][j] = measure
      pairs[j][i] = measure
    }
  }
  const alone: Measure[] = []
  for (let head = 0; head < HEADS; head++) {
    alone.push(await without([ablate(at(model, `blocks.${LAYERS - 1}.attn.z`, { head: except(head) }))]))
  }
  return {
    engine: session.engine,
    sequences,
    intact: measured(intact),
    pairs,
    alone,
    strength: inductionStrength({ layer: LAYERS - 1 }).read(intact) as number[],
  }
}

/** The head adds nothing to the residual stream; its attention pattern is still there to read. */
function removal(model: Model, { layer, head }: Head): Intervention {
  return ablate(at(model, `blocks.${layer}.attn.z`, { head }))
}

function measured(reading: Reading): Measure {
  return { loss: Number(crossEntropyProbe().read(reading)), accuracy: Number(accuracyProbe().read(reading)) }
}
