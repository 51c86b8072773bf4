import { z } from 'zod'
import { nearest } from '../core/nearest.ts'

/** An object with these keys and no others; a wrong key is told the nearest right ones. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `Nearest: ${nearest(issue.keys[0], keys).join(', ')}.` : undefined,
  })
}

/** A whole number of at least `min`. */
export function whole(min: number) {
  return z.number().int().min(min)
}
