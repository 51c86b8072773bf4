// The kinds of read-out: one line a file.
export * from './identity.ts'
export * from './linear.ts'
export * from './tied.ts'
