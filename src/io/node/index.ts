export { appendLine, ensureFolder, readBytes, writeAtomic } from './files.ts'
export { readTensorFile } from './tensor-file.ts'
