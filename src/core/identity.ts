const numbers = new WeakMap<object, number>()
let count = 0

/** A number that no other object has as long as both live: what a cache's key can say of a function or a definition. */
export function identityOf(value: object): number {
  const number = numbers.get(value) ?? count++
  numbers.set(value, number)
  return number
}
