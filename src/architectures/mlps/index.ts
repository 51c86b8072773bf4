// The kinds of MLP: one line a file.
export * from './gelu.ts'
export * from './gelu-exact.ts'
export * from './relu.ts'
export * from './swiglu.ts'
export * from './tanh.ts'
