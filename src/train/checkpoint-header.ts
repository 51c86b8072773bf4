import type { Receipt } from '../inference/receipts.ts'
import { formatError, quote } from '../io/format-error.ts'
import type { EvaluationRecord } from './evaluate.ts'

/** The form of a checkpoint's header. */
interface Header {
  readonly identity: object
  readonly step: number
  readonly records: readonly EvaluationRecord[]
  readonly receipts: readonly Receipt[]
}

/**
 * Throws unless a value has the form of a checkpoint's header.
 *
 * @throws OpsinError `FORMAT` naming the first place that has not.
 */
export function requireHeader(header: unknown, source: string): asserts header is Header {
  if (!isObject(header)) throw formatError(source, 'an object about the run', quote(header))
  const { identity, step, records, receipts } = header
  const check = (name: string, holds: boolean, expected: string, value: unknown) => {
    if (!holds) throw formatError(`${source}, ${name}`, expected, quote(value))
  }
  check('identity', isObject(identity) && Array.isArray(identity.interventions), 'what the run is', identity)
  check('step', isWhole(step), 'a whole number', step)
  requireRecords(records, source)
  check('receipts', Array.isArray(receipts), 'a list', receipts)
  for (const [i, receipt] of (receipts as unknown[]).entries()) {
    check(`receipts[${i}]`, isReceipt(receipt), 'what an intervention did', receipt)
  }
}

/** Throws OpsinError `FORMAT` for a value that is no list of evaluations. */
export function requireRecords(records: unknown, source: string): asserts records is readonly EvaluationRecord[] {
  if (!Array.isArray(records)) throw formatError(`${source}, records`, 'a list', quote(records))
  for (const [i, record] of records.entries()) {
    if (isRecord(record)) continue
    throw formatError(`${source}, records[${i}]`, 'step, sequences, set and values', quote(record))
  }
}

function isRecord(value: unknown): value is EvaluationRecord {
  if (!isObject(value) || !isObject(value.values)) return false
  const numbers = Object.values(value.values).flat()
  return isWhole(value.step) && isWhole(value.sequences) && typeof value.set === 'string' && numbers.every(isNumber)
}

function isReceipt(value: unknown): value is Receipt {
  if (!isObject(value)) return false
  const { index, kind, at, fired, elements, largestChange } = value
  const counts = [index, fired, elements].every(isWhole)
  return counts && isNumber(largestChange) && typeof kind === 'string' && typeof at === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}
