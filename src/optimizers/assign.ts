import { OpsinError } from '../core/errors.ts'
import { fitsGlob, globsOf } from '../core/glob.ts'
import { unknownName } from '../core/nearest.ts'
import { show } from '../core/show.ts'
import type { Optimizer } from './define.ts'
import { areGroups, type Groups } from './groups.ts'
import { isTurn, type Turns, updatesBefore } from './turns.ts'

/** An optimiser with the parameters of a model that it trains. */
export interface Trained {
  /** The prefix of its state and its rates: `optimizer`, or `optimizer.1` for that of groups[1]. */
  readonly name: string
  readonly parameters: readonly string[]
  readonly optimizer: Optimizer
  readonly turns?: Turns | undefined
}

/**
 * Assigns a model's parameters to optimisers.
 *
 * @throws OpsinError `NAME` for a glob that matches none; `NO_EFFECT` for one whose parameters all belong to earlier
 * groups; `VALUE` for a parameter that is in no group.
 */
export function assign(optimizer: Optimizer | Groups, parameters: readonly { readonly name: string }[]): Trained[] {
  const all = parameters.map(({ name }) => name)
  if (!areGroups(optimizer)) return [{ name: 'optimizer', parameters: all, optimizer }]
  let free = all
  const trained = optimizer.groups.flatMap((group, i): Trained[] => {
    const own = free.filter((name) => globsOf(group.match).some((glob) => fitsGlob(glob, name)))
    for (const glob of globsOf(group.match)) requireMatch(`groups[${i}]: match`, glob, all, own)
    free = free.filter((name) => !own.includes(name))
    const { optimizer: rule, turns } = group
    return rule === undefined ? [] : [{ name: `optimizer.${i}`, parameters: own, optimizer: rule, turns }]
  })
  if (free.length === 0) return trained
  throw new OpsinError('VALUE', {
    where: 'groups',
    expected: 'every parameter in a group',
    got: `${free.slice(0, 3).join(', ')}${free.length > 3 ? ` and ${free.length - 3} more` : ''} in none`,
    hint: "End the list with { match: '*', … }.",
  })
}

/** The groups whose turn it is. */
export function trainedAt(trained: readonly Trained[], step: number): readonly Trained[] {
  return trained.every(({ turns }) => turns === undefined)
    ? trained
    : trained.filter(({ turns }) => isTurn(turns, step))
}

/** The rates of an optimiser at a step of the run. */
export function ratesAt({ optimizer, turns }: Trained, step: number): readonly number[] {
  return optimizer.rates(step, updatesBefore(turns, step))
}

/**
 * Throws for turns that would leave something out of a run of so many steps.
 *
 * @throws OpsinError `NO_EFFECT` for a group that is never trained, and for a step at which none is.
 */
export function requireTurns(trained: readonly Trained[], steps: number): void {
  const hint = 'Mend the turns, or train for longer.'
  for (const { name, turns } of trained) {
    if (updatesBefore(turns, steps) > 0) continue
    const where = `${name}: turns`
    throw new OpsinError('NO_EFFECT', { where, expected: `one of the run's ${steps} steps`, got: show(turns), hint })
  }
  if (trained.some(({ turns }) => turns === undefined)) return
  for (let step = 0; step < steps; step++) {
    if (trained.some(({ turns }) => isTurn(turns, step))) continue
    const where = `groups: turns at step ${step}`
    throw new OpsinError('NO_EFFECT', { where, expected: 'a group whose turn it is', got: 'none', hint })
  }
}

function requireMatch(where: string, glob: string, all: readonly string[], own: readonly string[]): void {
  if (own.some((name) => fitsGlob(glob, name))) return
  if (!all.some((name) => fitsGlob(glob, name))) throw unknownName(where, 'a parameter of the model', glob, all)
  throw new OpsinError('NO_EFFECT', {
    where,
    expected: 'a glob that matches a parameter of no earlier group',
    got: show(glob),
    hint: 'A parameter belongs to the first group that matches: put this one further up, or leave it out.',
  })
}
