// The kinds of norm: one line a file.
export * from './layernorm.ts'
export * from './rmsnorm.ts'
