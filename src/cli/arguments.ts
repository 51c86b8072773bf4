import { InvalidArgumentError, Option } from 'commander'
import { anEngineName, type EngineRequest } from '../backends/index.ts'

/** Reads a whole number of at least `min` from the command line; `4e5` is one. */
export function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`It takes a whole number of at least ${min}.`)
  }
}

export function engineOption(): Option {
  return new Option('--engine <name>', `what computes: ${anEngineName.expected}`).argParser((name): EngineRequest => {
    if (anEngineName.fits(name)) return name as EngineRequest
    throw new InvalidArgumentError(`Allowed choices are ${anEngineName.expected}.`)
  })
}

/** Reads names with commas between. */
export function listed(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return names
  throw new InvalidArgumentError('It takes names with commas between.')
}

/** Reads sizes by name, as `batch=1,length=64`. */
export function sizes(text: string): Record<string, number> {
  return Object.fromEntries(
    listed(text).map((part) => {
      const [name, value, ...rest] = part.split('=')
      if (value === undefined || rest.length > 0) throw new InvalidArgumentError('It takes sizes as batch=1,length=64.')
      return [name, whole(1)(value)]
    }),
  )
}
