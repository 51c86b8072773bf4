// The kinds of residual: one line a file.
export * from './add.ts'
export * from './concat.ts'
export * from './none.ts'
