// The kinds of positions: one line a file.
export * from './learned.ts'
export * from './one-hot.ts'
export * from './sinusoidal.ts'
