export type { Constant } from './constants.ts'
export { type ExternalData, encodeModel } from './encode.ts'
export { type Declared, type LoweredGraph, type LowerOptions, lowerGraph } from './lower.ts'
export type { Dims, NodeMessage } from './proto.ts'
