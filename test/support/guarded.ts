import type { NumberArray } from '../../src/core/dtype.ts'

/** The array behind a proxy that throws when an element outside is read or written, or any element if `readOnly`. */
export function guarded<Data extends NumberArray>(data: Data, label: string, readOnly: boolean): Data {
  const requireInside = (key: string | symbol, what: string) => {
    if (typeof key !== 'string' || !Number.isFinite(Number(key))) return
    const index = Number(key)
    if (Number.isInteger(index) && index >= 0 && index < data.length) return
    throw new RangeError(`${what} of ${label}[${key}], which has ${data.length} elements`)
  }
  return new Proxy(data, {
    get(target, key) {
      requireInside(key, 'read')
      const value = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...parameters: unknown[]) => {
        if (readOnly && ['set', 'fill', 'sort', 'reverse', 'copyWithin'].includes(String(key))) {
          throw new TypeError(`${String(key)} on the input ${label}`)
        }
        const result = value.apply(target, parameters)
        return key === 'subarray' ? guarded(result, `${label}.subarray`, readOnly) : result
      }
    },
    set(target, key, value) {
      if (readOnly) throw new TypeError(`write to the input ${label}[${String(key)}]`)
      requireInside(key, 'write')
      return Reflect.set(target, key, value, target)
    },
  })
}
