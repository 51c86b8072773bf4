// The kinds of input: one line a file.
export * from './exemplars.ts'
export * from './one-hot.ts'
export * from './tokens.ts'
export * from './vectors.ts'
