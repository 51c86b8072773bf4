import { InvalidArgumentError, Option } from 'commander'
import { engineRequests } from '../backends/index.ts'

/** Reads a whole number of at least `min` from the command line; `4e5` is one. */
export function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`It takes a whole number of at least ${min}.`)
  }
}

export function engineOption(): Option {
  return new Option('--engine <name>', 'what computes').choices(engineRequests)
}
