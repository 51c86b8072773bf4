export { encodeModel } from './encode.ts'
export { type LowerOptions, lowerGraph } from './lower.ts'
