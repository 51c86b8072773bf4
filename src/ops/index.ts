// The list of ops: one line a file. Everything else (types, registry, tests) follows from it.
export * from './linear.ts'
