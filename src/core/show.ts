/** How much of a value a message quotes. */
const LONGEST = 80
const MOST_ITEMS = 10

/** Any value in a few characters, for messages. Never throws, whatever the value. */
export function show(value: unknown): string {
  const text = textOf(value)
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, LONGEST))
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value)
  if (ArrayBuffer.isView(value)) return nameOf(value)
  try {
    return JSON.stringify(value, brief) ?? 'nothing'
  } catch {
    return 'an object that is no JSON'
  }
}

/** For JSON: what it cannot say in words, and of what is long the beginning. */
function brief(_: string, value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, LONGEST)
  if (typeof value !== 'object') return isInJson(value) ? value : textOf(value)
  if (ArrayBuffer.isView(value)) return nameOf(value)
  return Array.isArray(value) && value.length > MOST_ITEMS ? [...value.slice(0, MOST_ITEMS), '…'] : value
}

function isInJson(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean' || Number.isFinite(value)
}

function nameOf(view: ArrayBufferView): string {
  const length = 'length' in view ? view.length : view.byteLength
  return `${view.constructor.name} of ${length}`
}
