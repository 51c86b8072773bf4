const numbers = new WeakMap<object, number>()
let count = 0

/** A number that no other living object has: a function or a definition as part of a cache's key. */
export function identityOf(value: object): number {
  const number = numbers.get(value) ?? count++
  numbers.set(value, number)
  return number
}
