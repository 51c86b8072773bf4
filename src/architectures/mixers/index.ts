// The kinds of mixer and of what modifies attention: one line a file.
export { type AttentionOptions, attention } from './attention.ts'
export * from './head-gate.ts'
export * from './rotary.ts'
export * from './shift-mix.ts'
