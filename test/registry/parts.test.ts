import { readdirSync, readFileSync } from 'node:fs'
import { squaredError } from 'opsin'
import { checkModel, drawFrom } from 'opsin/testing'
import { describe, expect, it } from 'vitest'
import { batchFor, families, kindsOf } from '../support/part-models.ts'

const SEEDS = 8

describe.each(Object.entries(families))('%s', (name, family) => {
  const folder = `src/architectures/${name}/`
  const source = (file: string) => readFileSync(folder + file, 'utf8')
  const defining = readdirSync(folder).filter(
    (file) => /^export const .* = define\w*\(/m.test(source(file)) && !source(file).includes('definerOf<'),
  )

  it.each(defining)('the index has %s', (file) => expect(source('index.ts')).toContain(`'./${file}'`))

  it.each(kindsOf(family).map((kind) => [kind.kind, kind] as const))(
    '%s: hook points as declared, gradients as finite differences',
    (_, kind) => {
      for (let seed = 0; seed < SEEDS; seed++) {
        const whole = family.model(kind(kind.sample(drawFrom(seed)) as never))
        expect(JSON.parse(JSON.stringify(whole.config))).toEqual(whole.config)
        checkModel(whole, batchFor(whole, seed), squaredError())
      }
    },
  )
})
